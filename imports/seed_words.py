"""The words that sample issues are made of; seed.py makes the issues."""

PROJECTS = (
    ("HARBOR", "Harbor Platform", "software"),
    ("PAY", "Payments", "software"),
    ("MOBILE", "Mobile Apps", "software"),
    ("DESK", "Service Desk", "service_desk"),
    ("SEARCH", "Search & Discovery", "software"),
    ("OPS", "Operations", "service_desk"),
    ("DATA", "Data Warehouse", "software"),
    ("ID", "Identity, Sign-in and Access", "software"),
    ("WEB", "Website “Nordlicht”", "software"),
    ("HR", "People Operations", "business"),
    ("FACT", "Fakturierung", "software"),
    ("TOKYO", "東京オフィス", "business"),
    ("LEGAL", "Legal", "business"),
    ("INFRA", "Infrastructure", "software"),
    ("QA", "Quality", "software"),
    ("PARTNER", "Partner Portal", "software"),
    ("CAIRO", "مكتب القاهرة", "business"),
    ("LAB", "Lab 🧪 experiments", "software"),
    ("ARCHIVE", "-Old things-", "software"),
    ("FORM", "=Forms and surveys", "business"),
)
TYPES = (
    ("10001", "Story", 24),
    ("10002", "Task", 26),
    ("10003", "Bug", 28),
    ("10004", "Epic", 3),
    ("10005", "Sub-task", 9),
    ("10006", "Improvement", 4),
    ("10007", "New Feature", 2),
    ("10008", "Incident", 2),
    ("10009", "Service Request", 1.5),
    ("10010", "Change", 0.5),
)
STATUSES = (
    ("Closed", "Done", 45),
    ("Done", "Done", 40),
    ("Resolved", "Done", 8),
    ("In Progress", "In Progress", 3),
    ("Selected for Development", "To Do", 2),
    ("Offen", "To Do", 2),
)
PRIORITIES = (("Medium", 60), ("High", 18), ("Low", 14), ("Highest", 4), ("Lowest", 3), ("None", 1))
RESOLUTIONS = (("Done", 60), ("Fixed", 18), ("Won't Do", 10), ("Duplicate", 6), ("Cannot Reproduce", 6))
SECURITY_LEVELS = ("Internal", "Management, Legal", "Vertraulich")
_FIRST_NAMES = """
Anna Ben Carla Dmitri Elif Farid Grace Hiro Ines Jonas Kofi Lena Mateus Noor Olga Priya Quentin Rosa Samir
Tove Uma Viktor Wei Ximena Yusuf Zoë Ángel Bjørn Chloé Đorđe Émile Łukasz Søren Þóra Øyvind Iñaki
"""
FIRST_NAMES = _FIRST_NAMES.split()
_LAST_NAMES = """
Abe Bauer Castillo Dubois Eriksen Fischer García Haddad Ito Jensen Kowalski Lindqvist Müller Nakamura O'Brien
Petrović Quispe Rossi Schmidt Tanaka Usman Vogel Wójcik Xu Yılmaz Zieliński d'Angelo MacLeod Nguyễn Sørensen
"""
LAST_NAMES = _LAST_NAMES.split()
UNUSUAL_NAMES = (
    "田中 美咲",
    "ليلى حداد",
    "Мария Иванова",
    "דוד כהן",
    "김민준",
    "@build-bot",
    "=Jenkins",
    "Ops 🚀 Team",
)
_WORDS = """
the the the a an of to and in on with for when after before from by user admin report page button field list
export import archive issue project board sprint filter queue worker index cache token session request response
timeout error warning retry login password invoice payment refund order cart search result table column row
cell header footer upload download file folder link mail calendar time zone date number currency language
translation browser mobile tablet desktop server cluster database replica backup migration release build
pipeline deploy rollback staging production customer support contract deadline budget review test fails works
opens closes shows hides saves loses keeps drops sends receives slow fast empty wrong missing double old new
large small first last only never always sometimes again still already größer Straße naïve café coöperation
"""
WORDS = _WORDS.split()
SUBJECTS = (
    "Export", "Login page", "Search index", "Invoice PDF", "Refund", "Push message", "Nightly backup", "Sprint board",
    "Time zone of due dates", "Password reset", "CSV import", "“Smart” filter", "Customer's contract", "Queue worker",
    "Größe der Anhänge", "検索結果", "نتائج البحث", "Calendar, week view", "API token", "Dark mode 🌙",
)  # fmt: skip
TROUBLES = (
    "لا يعمل", "fails after the last release", "is slow for large projects", "shows \"null\" as name",
    "loses the last row", "does not open in Safari", "should remember the user's choice", "needs a confirmation",
    "breaks on names with commas, quotes and \"such\"", "returns 500", "is sent twice", "must be documented",
    "should be translated", "ignores the site's time zone", "times out", "が遅い", "is missing for guests 😢",
)  # fmt: skip
# Texts that a spreadsheet would run as formulas, or that the formula guard must not change.
FORMULAS = (
    "=SUM(A1:A9)", "=cmd|' /C calc'!A0", "+49 30 1234567 does not dial", "-1 on this, please wait", "@team please look",
    "'=quoted already", "'+1 for this", "'@home", "＝１＋１", "=HYPERLINK(\"https://example.com\",\"click\")",
    "\tindented title", "'plain quote in front",
)  # fmt: skip
FRAGMENTS = (
    '{code:java}\r\nthrow new IllegalStateException("no such job, id=" + id);\r\n{code}',
    '|| Browser || Result ||\n| Firefox 118 | ok |\n| Safari, "old" | fails, see log |',
    "# open the page\r\n# press *Export*\r\n# wait; nothing happens",
    '- expected: one mail\n- actual: two, "both" with the same link',
    "再現手順：ログインしてから「エクスポート」を押す。ファイルが空になります。",
    "تظهر رسالة خطأ عند تنزيل الملف، والرابط لا يعمل بعد يوم واحد.",
    "הקובץ ריק כאשר הסינון כולל שני פרויקטים.",
    "👩‍👩‍👧‍👦 family emoji, 🇩🇪 flags and 👍🏽 skin tones must survive 🎉",
    "C:\\temp\\new\\table.csv and \\N, \\t, \\. must stay as typed",
    "Tab\there, trailing blanks   ",
    "@alice can you look? =A1+B1 is what the sheet shows",
)
LABELS = (
    "backend", "frontend", "customer-reported", "regression", "ux", "a11y", "perf", "security", "tech-debt", "i18n",
    "größe", "障害", "عاجل", "needs,comma", "\"quoted\"", "=formula", "@home", "+1", "-wontfix-", "q1-2024", "🔥",
)  # fmt: skip
COMPONENTS = (
    "API", "Web", "Worker", "Database", "iOS", "Android", "Reports, monthly", "Billing", "Docs", "Érvényesítés",
    "-legacy-", "@infra", "検索",
)  # fmt: skip
VERSIONS = (*(f"{major}.{minor}.0" for major in range(1, 7) for minor in range(6)), '2023 "Winter"', "=next", "v7-β")
ENVIRONMENTS = (
    "Production", "Staging, EU", "Firefox 118\r\nWindows 11", "iOS 17.1 / iPhone 12", "PostgreSQL 15\nUbuntu 22.04",
    "=Staging", "Kunde: \"Nordwind\"", "本番環境", "+ behind proxy", "Android 14",
)  # fmt: skip
