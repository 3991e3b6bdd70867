BEGIN TRANSACTION;
CREATE TABLE "accounts_apitoken" ("id" varchar(150) NOT NULL PRIMARY KEY, "prefix" varchar(8) NOT NULL UNIQUE, "hashed_key" varchar(150) NOT NULL, "created" datetime NOT NULL, "name" varchar(50) NOT NULL, "revoked" bool NOT NULL, "expiry_date" datetime NULL, "last_used_at" datetime NULL, "scope" varchar(255) NOT NULL, "user_id" bigint NOT NULL REFERENCES "accounts_user" ("id") DEFERRABLE INITIALLY DEFERRED);
INSERT INTO "accounts_apitoken" VALUES('46N8lnmD.sha512$$bc613418cbd76dd7191bb92f19021ebeb9d6f63fc678b957e6cd69803a9cc7878466bb69725308df71e9cb1d2ee7141ef9087c3528d517720a291276848cb9bf','46N8lnmD','sha512$$bc613418cbd76dd7191bb92f19021ebeb9d6f63fc678b957e6cd69803a9cc7878466bb69725308df71e9cb1d2ee7141ef9087c3528d517720a291276848cb9bf','2026-11-24 18:20:20.154454','upgrade',0,NULL,NULL,'',1);
CREATE TABLE "accounts_failedattempts" ("key" varchar(64) NOT NULL PRIMARY KEY, "started_at" datetime NOT NULL, "failure_count" integer unsigned NOT NULL CHECK ("failure_count" >= 0));
CREATE TABLE "accounts_user" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "password" varchar(128) NOT NULL, "last_login" datetime NULL, "is_superuser" bool NOT NULL, "email" varchar(254) NOT NULL UNIQUE, "name" varchar(150) NOT NULL, "role" varchar(20) NOT NULL, "time_zone" varchar(64) NOT NULL, "is_staff" bool NOT NULL, "is_active" bool NOT NULL, "date_joined" datetime NOT NULL, CONSTRAINT "user_email_is_lower_case" CHECK ("email" = (LOWER("email"))), CONSTRAINT "user_role_is_known" CHECK ("role" IN ('', 'jira-admin', 'site-admin')));
INSERT INTO "accounts_user" VALUES(1,'pbkdf2_sha256$1000000$dqWMYdS0kC4vaekobrn8nn$hM5lFf0cqr1JXTRNoqKYuakVfImGAfCo7SGR6ZUF4KI=',NULL,1,'alice@example.com','','site-admin','',1,1,'2026-11-24 18:20:06.133080');
CREATE TABLE "accounts_user_groups" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "user_id" bigint NOT NULL REFERENCES "accounts_user" ("id") DEFERRABLE INITIALLY DEFERRED, "group_id" integer NOT NULL REFERENCES "auth_group" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "accounts_user_user_permissions" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "user_id" bigint NOT NULL REFERENCES "accounts_user" ("id") DEFERRABLE INITIALLY DEFERRED, "permission_id" integer NOT NULL REFERENCES "auth_permission" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "archive_account" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "account_id" varchar(128) NOT NULL UNIQUE, "name" varchar(255) NOT NULL, "email" varchar(254) NOT NULL, "is_formula_free" bool GENERATED ALWAYS AS (NOT (substr(ltrim("account_id", ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠') OR substr(ltrim("name", ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠'))) STORED);
INSERT INTO "archive_account" VALUES(1,'557058:120961ea-0913-4087-95d3-8ca9986cc8d5','Chloé Jensen','person.102@example.com');
INSERT INTO "archive_account" VALUES(2,'557058:148b2758-d7ab-4928-89e4-69e6ec62b2c8','Søren MacLeod','person.13@example.com');
INSERT INTO "archive_account" VALUES(3,'557058:1846d424-c17c-4279-a3c6-612f48268673','Wei Haddad','');
INSERT INTO "archive_account" VALUES(4,'557058:1e682c1f-f26b-459b-b85c-fc9ecf130e07','Mateus Lindqvist','person.565@example.com');
INSERT INTO "archive_account" VALUES(5,'557058:1f3994bc-a013-455e-bcd2-aad82997e899','Yusuf Rossi','');
INSERT INTO "archive_account" VALUES(6,'557058:1fdb217f-d9db-473c-9f24-7a0c2759eac9','Émile Dubois','');
INSERT INTO "archive_account" VALUES(7,'557058:20b93235-9c0c-4b1e-9230-16a1cca02f81','Søren Vogel','person.880@example.com');
INSERT INTO "archive_account" VALUES(8,'557058:21e15094-9efe-4464-9a90-f534a23d4c9d','Zoë Lindqvist','person.30@example.com');
INSERT INTO "archive_account" VALUES(9,'557058:247a8333-f7b0-47d2-8da8-056c3d15eef7','Chloé Nakamura','person.8@example.com');
INSERT INTO "archive_account" VALUES(10,'557058:254bf7ae-1d0a-4994-b20b-575d4e28e674','Priya Quispe','');
INSERT INTO "archive_account" VALUES(11,'557058:259f4329-e6f4-490b-9a16-4106cf6a659e','Lena Vogel','');
INSERT INTO "archive_account" VALUES(12,'557058:2a69acc7-0bf9-40ef-b581-6b74a985ab61','Quentin Haddad','person.33@example.com');
INSERT INTO "archive_account" VALUES(13,'557058:2aa36cf7-eb70-4a65-a7d9-9a23e4f7625e','Wei Lindqvist','');
INSERT INTO "archive_account" VALUES(14,'557058:314a332e-eb9f-488e-b877-5b599f3da6ae','Lena Xu','person.429@example.com');
INSERT INTO "archive_account" VALUES(15,'557058:3405095c-8a50-46c1-ac18-8efbd080e66e','Øyvind Schmidt','person.10@example.com');
INSERT INTO "archive_account" VALUES(16,'557058:35951baf-7432-4cbc-983a-f1862d6efa7d','Jonas Müller','');
INSERT INTO "archive_account" VALUES(17,'557058:41a8a6e1-65e0-4993-bf41-1fed1e70e799','Hiro Bauer','');
INSERT INTO "archive_account" VALUES(18,'557058:41a93f90-dc82-4527-9da3-b7e2cad6e514','Elif Petrović','person.40@example.com');
INSERT INTO "archive_account" VALUES(19,'557058:42930b33-a81a-4477-bb36-75b89cdeb3e6','Rosa Castillo','');
INSERT INTO "archive_account" VALUES(20,'557058:49b3fe66-3b4c-4730-a53d-f737c2185e77','Þóra Wójcik','person.247@example.com');
INSERT INTO "archive_account" VALUES(21,'557058:5129fb7c-6288-41a5-8c45-782198a6416d','Uma Ito','person.11@example.com');
INSERT INTO "archive_account" VALUES(22,'557058:5a921187-19c7-4df4-8f4f-f31e78de5857','Priya Schmidt','');
INSERT INTO "archive_account" VALUES(23,'557058:633cbf79-e96a-41af-b55e-3aa2208a393e','Chloé MacLeod','');
INSERT INTO "archive_account" VALUES(24,'557058:753c7c99-032f-46ca-b0d9-c2aa8f837ef7','Ángel Kowalski','person.28@example.com');
INSERT INTO "archive_account" VALUES(25,'557058:755a3ac1-32ae-4a20-9ac9-02ee25777cf0','Noor Quispe','person.56@example.com');
INSERT INTO "archive_account" VALUES(26,'557058:786e30ef-ce9b-4e70-b4d4-dfccb7d779cc','Carla Castillo','');
INSERT INTO "archive_account" VALUES(27,'557058:7b59051b-f400-48d7-831d-5a973d792fa1','Mateus Ito','person.29@example.com');
INSERT INTO "archive_account" VALUES(28,'557058:7b9ba35c-8e29-4c03-8e75-3f5774b183dc','Kofi Abe','person.764@example.com');
INSERT INTO "archive_account" VALUES(29,'557058:7d41e602-eece-428b-bf7b-118e820865d6','Dmitri Quispe','');
INSERT INTO "archive_account" VALUES(30,'557058:85776e9a-dd84-439e-b154-5a137a1d5006','Jonas Yılmaz','person.5@example.com');
INSERT INTO "archive_account" VALUES(31,'557058:89d78ab3-94be-4e35-a0e3-8dd6f7003585','Lena Xu','person.614@example.com');
INSERT INTO "archive_account" VALUES(32,'557058:8f928dc5-1972-4ce3-9bd0-94486a2b3200','Søren O''Brien','');
INSERT INTO "archive_account" VALUES(33,'557058:914591ae-f03d-466a-9dec-c06af24dfdd8','Søren Bauer','');
INSERT INTO "archive_account" VALUES(34,'557058:9d8e8045-b4c3-4309-bfd0-b79bc7d791cb','Wei Sørensen','person.1087@example.com');
INSERT INTO "archive_account" VALUES(35,'557058:b5cbb690-735b-4a80-bfbd-aeed723dc8f5','Chloé Wójcik','person.319@example.com');
INSERT INTO "archive_account" VALUES(36,'557058:b5d32b16-6619-4cb1-9710-37d1b83e90ec','Đorđe Usman','person.6@example.com');
INSERT INTO "archive_account" VALUES(37,'557058:babd4745-497e-4f1a-bd2b-f042209818d1','Đorđe Bauer','person.69@example.com');
INSERT INTO "archive_account" VALUES(38,'557058:bbca76e0-e56a-47e7-82f8-11266c2c90a7','Tove Wójcik','person.392@example.com');
INSERT INTO "archive_account" VALUES(39,'557058:c787ddfb-5697-417c-97fd-3736b7ef941c','Wei Bauer','person.45@example.com');
INSERT INTO "archive_account" VALUES(40,'557058:c87a7463-19c1-4a0d-8feb-d845d0dfae43','Farid Usman','person.18@example.com');
INSERT INTO "archive_account" VALUES(41,'557058:cb4d18d6-adb6-4a35-9734-a26c92e94e89','Chloé Wójcik','');
INSERT INTO "archive_account" VALUES(42,'557058:cfdef303-0679-4b47-a283-453695decd6e','Elif Lindqvist','');
INSERT INTO "archive_account" VALUES(43,'557058:d29dc5df-cf1d-4110-8cc3-6d8c77863fe5','Łukasz Yılmaz','person.35@example.com');
INSERT INTO "archive_account" VALUES(44,'557058:d663049d-155e-48b1-ba83-ada4a2121ac5','Ángel Sørensen','person.36@example.com');
INSERT INTO "archive_account" VALUES(45,'557058:da54f267-dd13-4266-926d-53961058fe8c','Zoë MacLeod','person.54@example.com');
INSERT INTO "archive_account" VALUES(46,'557058:e3e70682-c209-4cac-a29f-6fbed82c07cd','Priya Haddad','person.0@example.com');
INSERT INTO "archive_account" VALUES(47,'557058:e786ab37-5bca-47be-8298-17c53308fb2e','Ángel Zieliński','');
INSERT INTO "archive_account" VALUES(48,'557058:eae2025e-8233-4e23-9ff3-334b91b15f5d','Lena Kowalski','');
INSERT INTO "archive_account" VALUES(49,'557058:ebe21368-98c7-4205-9e01-a934402d0baf','Priya Fischer','person.26@example.com');
INSERT INTO "archive_account" VALUES(50,'557058:ebfc2aa5-c8c7-4955-8d27-653e83c39b81','Jonas Nguyễn','person.632@example.com');
INSERT INTO "archive_account" VALUES(51,'557058:f7c1bd87-4da5-4709-9471-3d60c8a70639','Rosa Rossi','');
INSERT INTO "archive_account" VALUES(52,'557058:fd42f697-6511-4656-9c64-60364a1eb1b7','Tove Ito','person.46@example.com');
INSERT INTO "archive_account" VALUES(53,'alice@example.com','','');
CREATE TABLE "archive_archivedissue" ("id" bigint NOT NULL PRIMARY KEY, "key" varchar(96) NOT NULL UNIQUE, "summary" text NOT NULL, "status" varchar(255) NOT NULL, "status_category" varchar(255) NOT NULL, "status_category_changed" datetime NULL, "priority" varchar(255) NOT NULL, "resolution" varchar(255) NOT NULL, "created" datetime NULL, "updated" datetime NULL, "resolved" datetime NULL, "due_date" date NULL, "affects_versions" text NOT NULL CHECK ((JSON_VALID("affects_versions") OR "affects_versions" IS NULL)), "fix_versions" text NOT NULL CHECK ((JSON_VALID("fix_versions") OR "fix_versions" IS NULL)), "components" text NOT NULL CHECK ((JSON_VALID("components") OR "components" IS NULL)), "labels" text NOT NULL CHECK ((JSON_VALID("labels") OR "labels" IS NULL)), "affects_version_count" smallint GENERATED ALWAYS AS (json_array_length("affects_versions")) STORED, "fix_version_count" smallint GENERATED ALWAYS AS (json_array_length("fix_versions")) STORED, "component_count" smallint GENERATED ALWAYS AS (json_array_length("components")) STORED, "label_count" smallint GENERATED ALWAYS AS (json_array_length("labels")) STORED, "is_formula_free" bool GENERATED ALWAYS AS (NOT (substr(ltrim("key", ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠') OR substr(ltrim("summary", ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠') OR substr(ltrim("status", ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠') OR substr(ltrim("status_category", ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠') OR substr(ltrim("priority", ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠') OR substr(ltrim("resolution", ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠') OR substr(ltrim("description", ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠') OR substr(ltrim("environment", ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠') OR substr(ltrim("security_level", ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠') OR substr(ltrim("parent_key", ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠') OR substr(ltrim("parent_summary", ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠'))) STORED, "votes" integer NULL, "description" text NOT NULL, "environment" text NOT NULL, "original_estimate" bigint NULL, "remaining_estimate" bigint NULL, "time_spent" bigint NULL, "work_ratio" bigint NULL, "total_original_estimate" bigint NULL, "total_remaining_estimate" bigint NULL, "total_time_spent" bigint NULL, "security_level" varchar(255) NOT NULL, "parent_id" bigint NULL, "parent_key" varchar(96) NOT NULL, "parent_summary" text NOT NULL, "archived_date" datetime NOT NULL, "archived_by_id" bigint NOT NULL REFERENCES "archive_account" ("id") DEFERRABLE INITIALLY DEFERRED, "assignee_id" bigint NULL REFERENCES "archive_account" ("id") DEFERRABLE INITIALLY DEFERRED, "creator_id" bigint NULL REFERENCES "archive_account" ("id") DEFERRABLE INITIALLY DEFERRED, "reporter_id" bigint NULL REFERENCES "archive_account" ("id") DEFERRABLE INITIALLY DEFERRED, "issue_type_id" bigint NOT NULL REFERENCES "archive_issuetype" ("id") DEFERRABLE INITIALLY DEFERRED, "project_id" bigint NOT NULL REFERENCES "archive_project" ("id") DEFERRABLE INITIALLY DEFERRED);
INSERT INTO "archive_archivedissue" VALUES(900000001,'HARBOR-1','Nightly backup shows "null" as name','Closed','Done','2019-03-29 08:47:06.222000','Low','Done','2019-03-21 14:06:50.447000','2019-04-17 21:32:32.685000','2019-03-29 08:47:06.222000',NULL,'[]','["4.2.0", "2.5.0"]','[]','["needs,comma", "\u969c\u5bb3"]',1,'Issue session slow with only again fast number browser fails … Database an cluster browser upload backup table missing browser when closes and after in, "sic". Release rollback for mobile mobile production closes production. Naïve sends wrong timeout the list.
Tab	here, trailing blanks   

Slow export staging in opens the search empty empty, "sic". Result row review field already shows contract to missing, "sic". Backup token the link deadline request größer keeps cell sometimes a filter! In search timeout always cart receives: Rollback field field missing admin staging café number shows page worker by download cache:','',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2019-04-22 19:14:38.115000',11,30,22,22,1,5);
INSERT INTO "archive_archivedissue" VALUES(900000002,'PAY-1','Größe der Anhänge should remember the user''s choice','Closed','Done','2019-03-19 04:36:59.561000','Medium','Done','2018-11-14 07:33:55.492000','2019-05-11 06:26:03.462000','2019-03-19 04:36:59.561000',NULL,'[]','[]','["API", "-legacy-"]','["=formula", "\u969c\u5bb3", "@home", "security"]',41,'Database already browser admin by order missing password migration import from. Archive list build empty calendar order …
Tab	here, trailing blanks   

Hides an retry refund backup customer an to user response from. List language export test loses on language when keeps customer payment an wrong!

Budget database list header filter customer report Straße payment saves: Column retry import rollback row closes header board retry.
C:\temp\new\table.csv and \N, \t, \. must stay as typed

Worker token admin last opens and mail! Coöperation größer deadline table zone language in still row error coöperation review cell? Cluster number of when index budget deploy first column sometimes error customer large, "sic". Fast review row always hides warning sometimes order button session tablet row fast, "sic". On the filter language board request migration. Cache support the file fails saves naïve review wrong fast closes of currency.','Kunde: "Nordwind"',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2019-05-25 12:04:17.506000',51,11,10,10,1,12);
INSERT INTO "archive_archivedissue" VALUES(900000003,'HARBOR-2','Dark mode 🌙 が遅い','Done','Done',NULL,'','Cannot Reproduce','2019-05-04 12:27:55.834000','2019-06-15 18:49:45.433000','2019-05-12 11:08:57.438000',NULL,'[]','["3.5.0", "3.2.0"]','["iOS"]','["-wontfix-", "=formula"]',50,'Release cell shows number on sprint naïve response page slow. Last search date the pipeline report calendar upload result support cache coöperation error link.','',13500,0,112500,833,31500,18000,112500,'',900000001,'HARBOR-1','Nightly backup shows "null" as name','2019-07-06 03:58:00.153000',46,51,51,51,5,5);
INSERT INTO "archive_archivedissue" VALUES(900000004,'WEB-1','API token is sent twice','Closed','Done','2016-06-04 14:02:57.702000','Medium','Done','2016-05-30 11:01:22.701000','2018-11-15 07:56:36.208000','2016-06-04 14:02:57.702000',NULL,'[]','["5.3.0"]','["\u00c9rv\u00e9nyes\u00edt\u00e9s", "Billing"]','["gr\u00f6\u00dfe", "=formula"]',0,'Of error password support search loses cluster in last archive deadline again: Small and staging fast slow large browser fails still login by warning backup token?

Last coöperation backup fails cell worker login still Straße file production filter sends. Export header saves a drops invoice token drops sometimes double größer timeout of. User fast time by already sometimes timeout tablet build board. Project cache file field large mobile again closes last large index sometimes token.

New pipeline browser login always payment response contract always. Server cache by review timeout to payment button table.','本番環境',98100,0,153900,156,126000,27900,153900,'',NULL,'','','2019-10-07 00:46:50.414000',15,26,34,34,2,15);
INSERT INTO "archive_archivedissue" VALUES(900000005,'FACT-1','Refund is slow for large projects','Done','Done','2019-01-12 22:26:22.607000','Medium','Done','2018-10-06 20:44:27.286000','2019-08-28 10:49:00.643000','2019-01-12 22:26:22.607000',NULL,'[]','[]','["Worker"]','["needs,comma", "-wontfix-", "\ud83d\udd25"]',0,'Before missing refund größer tablet field archive slow server! Closes by language sometimes migration timeout list fails review browser result old: After translation migration already never number password button when last, "sic". Größer works missing migration double opens archive user error. In rollback browser folder saves calendar café to.','Firefox 118
Windows 11',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2019-11-30 07:48:10.558000',46,24,27,27,3,4);
INSERT INTO "archive_archivedissue" VALUES(900000006,'HR-1','Größe der Anhänge should be translated','Closed','Done','2019-05-22 02:40:14.872000','High','Fixed','2019-04-29 06:06:03.663000','2019-10-26 01:30:26.462000','2019-05-22 02:40:14.872000',NULL,'[]','[]','["Web"]','["\"quoted\"", "a11y", "@home", "perf"]',0,'Again tablet a invoice only number last by before request invoice link! Column upload test Straße queue never fast receives before login report, "sic".

Drops time table folder response order issue header? Only issue date café always hides.

Staging sprint session sprint first response desktop, "sic". Empty browser calendar the index old? Index sprint pipeline sprint file support browser rollback. Password budget number cluster filter header cache token old wrong database wrong? Link fails password deadline download board, "sic". List saves queue password report cell report tablet.

Receives retry folder deadline date deadline folder to button mail table folder from session. Zone time opens hides token after? Login the contract session fails empty header the? Coöperation board of saves mail support after budget hides …','',NULL,NULL,NULL,-1,NULL,NULL,NULL,'Management, Legal',NULL,'','','2019-12-30 16:33:28.655000',51,2,25,25,1,6);
INSERT INTO "archive_archivedissue" VALUES(900000007,'LAB-1','Password reset should remember the user''s choice','Closed','Done','2018-09-15 02:33:07.966000','Low','Duplicate','2017-12-22 11:30:46.601000','2019-08-16 23:43:58.980000','2018-09-15 02:33:07.966000',NULL,'[]','["1.1.0"]','[]','["-wontfix-", "gr\u00f6\u00dfe"]',39,'Saves café empty tablet queue language keeps shows board error: List missing double cell already list keeps always database Straße? Language server login retry project sometimes field, "sic".','+ behind proxy',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2020-02-21 15:09:20.168000',51,51,13,13,4,7);
INSERT INTO "archive_archivedissue" VALUES(900000008,'HARBOR-3','Größe der Anhänge should be translated','Closed','Done',NULL,'Medium','Done','2016-04-08 01:59:45.057000','2019-12-25 04:17:20.979000','2016-10-28 21:45:56.547000','2020-01-14','[]','["6.3.0"]','["iOS"]','["q1-2024", "customer-reported", "\u0639\u0627\u062c\u0644", "gr\u00f6\u00dfe"]',43,'On receives to browser desktop naïve before large an. Button an after keeps filter with hides token field production … Opens file double review drops with closes of sends cell large. Größer export the download by table deploy field admin number. Never admin large first sprint small hides time in issue the date response with! Budget first a already response already contract backup works table an table the.

Link old after migration support link request build result retry sometimes. Session database budget slow order build again cache import test deploy queue! Link mail rollback download queue queue report loses export header an still empty!

Upload fast sprint drops database retry button zone header currency login! Café Straße old when to time timeout board on review. Result still after footer report backup deadline to … Opens pipeline café index when build first for queue again the from table in. When and queue invoice review order admin result works release result database already. Backup café receives rollback staging download opens timeout error user.','',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2020-05-01 20:40:07.653000',3,42,51,51,4,5);
INSERT INTO "archive_archivedissue" VALUES(900000009,'QA-1','Refund breaks on names with commas, quotes and "such"','Done','Done','2020-04-05 12:44:34.396000','High','Done','2020-03-24 12:28:46.528000','2020-06-10 22:25:36.356000','2020-04-05 12:44:34.396000',NULL,'[]','[]','[]','["\u969c\u5bb3"]',0,'Result row to and Straße footer request when cache, "sic". Shows still number filter order database the token?

When double for list and by warning slow header download contract language café fails: Support old timeout cluster sprint sprint an sometimes shows migration drops calendar list? And header keeps payment queue by timeout.','+ behind proxy',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2020-06-21 19:38:59.285000',9,52,3,3,2,13);
INSERT INTO "archive_archivedissue" VALUES(900000010,'DATA-1','Calendar, week view times out','In Progress','In Progress','2017-07-18 11:44:45.691000','Medium','','2017-07-04 21:43:14.661000','2020-04-05 23:03:40.780000',NULL,NULL,'["6.2.0"]','["1.0.0"]','[]','["needs,comma", "tech-debt"]',0,'Never support the wrong desktop pipeline link search, "sic". From support opens button and report button token by still Straße: Coöperation wrong wrong build contract search?

Translation hides after login support translation mail! Link language response already release still header! Project again cache mobile error double. Desktop migration field result loses deploy import footer! After release large the user by replica cart before the … User row always table shows button release when café from.

Empty with large review new budget worker download: Link mobile test button still token before large. Pipeline for before date staging rollback works payment, "sic". Drops always still test zone deploy fails naïve replica. Mobile error response large row staging loses cache file missing! When token retry sprint field token project missing deadline folder always slow.
Tab	here, trailing blanks   

Mobile deploy error staging empty contract zone when sometimes customer date cluster: Build release again deadline sprint größer currency missing user wrong old project coöperation.

The keeps project page always of pipeline small import first. Response large user index saves last always link. Request wrong archive replica table for a! Cell release migration migration link deadline timeout. Search warning folder in größer fast production queue migration first calendar fast upload project. Again session customer by loses admin sprint header pipeline table the retry tablet search, "sic".

Invoice budget hides with row mobile, "sic". Cell retry upload Straße double drops mail of. Page deadline payment cluster archive in to?

Retry refund deadline mail session after sprint slow shows shows translation small only the? When again session größer column session replica and keeps archive of? Row zone sends field receives download cell upload new server link worker. For already invoice header keeps missing field mail keeps deadline row …

Row download Straße export never hides currency database index server refund archive receives password, "sic". Old footer new from rollback mail double a? Keeps list number saves naïve cache file shows header in, "sic". Currency order new time deadline before …

Production receives number saves small the saves field contract board timeout translation session customer, "sic". Shows user to Straße again upload café migration mobile cell. Customer works sprint the migration a review by contract admin of file with cluster, "sic". Zone index language user drops page only never browser translation größer a to. File again filter tablet warning größer currency invoice Straße folder request. Admin opens to result last opens:

Deploy review old and button export server list issue: Warning test café replica currency header request small never. Invoice already last slow after download date currency by keeps.','PostgreSQL 15
Ubuntu 22.04',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2020-09-30 05:52:29.760000',51,46,20,20,1,2);
INSERT INTO "archive_archivedissue" VALUES(900000011,'HARBOR-4','Password reset times out','In Progress','In Progress','2017-09-19 12:06:15.120000','High','','2016-11-18 19:51:43.629000','2020-06-28 18:27:17.457000',NULL,NULL,'[]','["4.4.0"]','["iOS"]','["\ud83d\udd25", "backend"]',8,'Result fast slow hides invoice page header user test naïve footer wrong. Slow invoice download shows filter export search date! A zone after sprint project last sometimes mobile. Never of request cell fails zone keeps by session, "sic". To test slow worker closes deadline!

And production folder from upload board when replica link rollback! Drops retry slow an result issue saves empty the session the row calendar session … Invoice and zone table zone coöperation project refund translation payment project password result. Folder large table link warning footer refund calendar currency tablet:

Retry currency cluster release user never field archive review zone review missing invoice: First large a retry support again order warning fast payment search cell language calendar. Wrong pipeline small issue download mail fails import tablet empty rollback customer.','Firefox 118
Windows 11',113400,9000,104400,92,173700,69300,104400,'',900000008,'HARBOR-3','Größe der Anhänge should be translated','2020-10-16 06:46:18.171000',22,11,46,46,1,5);
INSERT INTO "archive_archivedissue" VALUES(900000012,'ARCHIVE-1','Nightly backup shows "null" as name','Resolved','Done','2020-02-03 16:49:25.086000','High','Won''t Do','2020-01-31 10:57:43.237000','2020-10-21 12:12:05.923000','2020-02-03 16:49:25.086000',NULL,'[]','[]','[]','["\"quoted\"", "+1", "ux"]',47,'Small release fast header build result retry archive slow language after refund. From mail password response backup cart small. Time from table by only only coöperation receives sometimes translation. Cache backup hides field staging currency a number password sprint to receives fails … Session invoice report replica double queue small. Number result old migration Straße cell sends café …

Issue by contract file drops number order fails when closes translation. Keeps result before pipeline before wrong file, "sic". A column header queue the large before first. Fast with café translation in the password wrong browser only folder sprint last in. Queue mobile password last shows a cluster sends already double. The order saves contract export button password sometimes.

An sends closes login header password field replica cache staging deploy! For tablet link sometimes export table. Receives mobile board migration works double drops, "sic". Invoice new folder budget new test session after desktop calendar. Export backup page issue browser again hides list mail response index after request …','',101700,19800,81900,80,132300,50400,81900,'',NULL,'','','2021-01-04 20:01:30.323000',9,22,51,51,2,1);
INSERT INTO "archive_archivedissue" VALUES(900000013,'HARBOR-5','Größe der Anhänge is sent twice','Selected for Development','To Do','2021-03-30 05:39:40.135000','High','','2021-02-23 20:40:56.031000','2021-04-02 21:45:55.219000',NULL,NULL,'[]','["2.3.0"]','["-legacy-", "Docs"]','["\"quoted\"", "gr\u00f6\u00dfe", "a11y"]',0,'Opens the download test column größer upload migration queue … Link admin slow support filter first browser wrong. Desktop worker time backup currency the? Zone by an mail field receives fails database!
@alice can you look? =A1+B1 is what the sheet shows','',3600,0,27000,750,12600,9000,27000,'',900000011,'HARBOR-4','Password reset times out','2021-04-10 03:35:28.251000',29,35,1,1,4,5);
INSERT INTO "archive_archivedissue" VALUES(900000014,'HARBOR-6','API token should be translated','Closed','Done',NULL,'High','Done','2019-01-03 02:58:42.940000','2020-09-15 21:57:05.602000','2020-01-07 18:36:11.297000',NULL,'[]','[]','[]','["\u969c\u5bb3", "\u0639\u0627\u062c\u0644"]',0,'The last error the token by number production field table before link deadline. Import response session backup old mobile wrong cell backup queue translation always cart. Upload and report production hides again replica closes closes. The staging result result database review deploy. Again pipeline coöperation upload works coöperation database cell old link test in build and. Tablet pipeline review always wrong queue warning on button:

Budget admin slow warning again the number. Large migration already still new button the customer sends mobile? Missing always deadline order first wrong password. Error import the sends customer in empty. Still already row warning session list sprint naïve warning report cell contract server calendar.','',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'',NULL,'','','2021-04-21 07:19:41.388000',3,NULL,46,51,1,5);
INSERT INTO "archive_archivedissue" VALUES(900000015,'OPS-1','Sprint board is sent twice','Done','Done','2020-12-27 16:44:22.113000','Medium','Fixed','2020-05-19 20:51:54.442000','2021-02-22 08:12:02.315000','2020-12-27 16:44:22.113000',NULL,'[]','["3.5.0"]','["Docs"]','["\u0639\u0627\u062c\u0644", "regression", "a11y", "ux"]',0,'Date opens header result translation Straße cart: Review column backup customer last upload größer board only language search list never. Token header saves issue deadline admin always … Button retry größer Straße by the: Backup refund customer before warning calendar rollback translation with.

Hides review old file from staging number import. Index shows sprint translation staging timeout cart the invoice wrong cache wrong? An number the cell server desktop board test. Password date retry never link sends build worker admin button refund, "sic". Größer budget wrong button warning search only.

Coöperation error größer saves loses saves user when mail large. Session archive cart after loses issue browser cache browser budget.','',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'',NULL,'','','2021-07-31 00:59:02.641000',46,49,11,11,1,10);
INSERT INTO "archive_archivedissue" VALUES(900000016,'HARBOR-7','Customer''s contract returns 500','Offen','To Do',NULL,'High','','2017-06-19 02:12:58.969000','2020-01-02 07:13:20.867000',NULL,NULL,'[]','["1.5.0", "v7-\u03b2"]','["Android"]','["perf", "\ud83d\udd25"]',0,'Invoice cell page replica budget build file coöperation upload search. Saves cell archive invoice production receives backup sends old Straße upload first? Budget still again from missing issue fast refund coöperation admin mobile! The import double staging fast the cell: Page already response language row import request export! Admin row invoice backup header button old naïve build from warning sends, "sic".

Small already saves last the in zone café deploy row? Large translation link on search cart. Footer worker migration zone sometimes error wrong request list works build for folder new! With table order date page double index replica wrong tablet:

The already coöperation test closes of refund a replica first: Login file link footer naïve test. Empty staging naïve customer closes loses report hides a.
再現手順：ログインしてから「エクスポート」を押す。ファイルが空になります。

Upload shows user with new works sends closes. Import deploy budget table an deploy build. Warning order payment sometimes closes timeout fails cell server first token closes … Date an date missing database request export and.

Import empty zone with sends closes time Straße token receives! Translation loses deadline calendar Straße drops language deadline language of contract cart and, "sic". Zone the fast on desktop fails row from timeout footer result database footer when. Cache rollback Straße the password from. Build budget old calendar already still project budget double only.

Translation hides after login support translation mail! Link language response already release still header! Project again cache mobile error double. Desktop migration field result loses deploy import footer! After release large the user by replica cart before the … User row always table shows button release when café from.','',23400,0,68400,292,46800,23400,68400,'',900000014,'HARBOR-6','API token should be translated','2021-08-21 21:46:01.086000',51,47,17,17,1,5);
INSERT INTO "archive_archivedissue" VALUES(900000017,'HARBOR-8','Dark mode 🌙 fails after the last release','Closed','Done','2020-05-24 16:54:17.366000','Low','Done','2018-08-11 22:45:37.495000','2021-02-20 18:19:09.757000','2020-05-24 16:54:17.366000',NULL,'[]','["3.4.0"]','["Database"]','[]',0,'Queue slow test sends date file large slow folder always replica. Pipeline budget staging empty cell café. Keeps of password on build new button after when list. By cart tablet download the deploy already import cell to naïve? Production migration request translation Straße production currency retry queue queue größer language import.','',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2021-10-08 02:43:16.632000',29,32,NULL,41,1,5);
INSERT INTO "archive_archivedissue" VALUES(900000018,'PARTNER-1','Time zone of due dates is missing for guests 😢','Closed','Done','2021-11-16 18:55:54.934000','Medium','Fixed','2021-10-16 16:06:50.166000','2021-11-21 18:08:45.019000','2021-11-16 18:55:54.934000',NULL,'[]','["1.0.0"]','[]','[]',0,'Project desktop import Straße file page the the archive worker board coöperation list … Mobile saves an result result the user fast sends rollback import large double. Backup column works replica mail contract cache staging calendar? Index slow small deadline loses sometimes! Sends payment wrong new desktop works row search link never drops download … Double mail invoice password upload payment.','',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2021-12-25 19:50:55.537000',11,46,11,11,6,11);
INSERT INTO "archive_archivedissue" VALUES(900000019,'LEGAL-1','Queue worker is slow for large projects','Done','Done','2021-09-11 12:12:50.365000','Medium','Done','2021-03-26 14:56:24.377000','2021-11-28 00:08:47.496000','2021-09-11 12:12:50.365000','2021-12-18','[]','["4.5.0"]','["API", "Worker"]','["q1-2024"]',0,'And database upload issue replica password closes list a. An works deploy archive project retry: Admin desktop database closes the before first contract invoice: Pipeline on user empty naïve closes old Straße only time. Support hides old cache replica warning the password, "sic". Column from receives budget zone works coöperation, "sic".','Firefox 118
Windows 11',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2022-03-12 01:59:32.624000',3,2,23,23,2,8);
INSERT INTO "archive_archivedissue" VALUES(900000020,'HARBOR-9','Dark mode 🌙 times out','Done','Done','2020-03-10 09:35:40.172000','Lowest','Done','2018-08-06 09:42:27.949000','2021-12-14 04:11:00.278000','2020-03-10 09:35:40.172000',NULL,'["3.0.0", "4.5.0"]','["2023 \"Winter\""]','["Database"]','["a11y", "=formula", "customer-reported", "perf"]',3,'Link opens import for payment folder to report error. New large currency works first report migration: List calendar user timeout opens result date the fails of column never.','',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2022-05-19 14:23:36.327000',21,29,21,21,1,5);
INSERT INTO "archive_archivedissue" VALUES(900000021,'PAY-2','Größe der Anhänge loses the last row','In Progress','In Progress','2021-12-14 03:40:48.415000','Medium','','2020-08-26 22:39:53.243000','2022-04-22 04:52:47.406000',NULL,NULL,'["5.0.0"]','["6.2.0"]','["Worker"]','["q1-2024", "\ud83d\udd25", "\"quoted\"", "tech-debt"]',8,'Search calendar queue an table sometimes table. Board for and footer session translation search password wrong still archive request slow mail! Column cluster field payment of order link … Saves budget works retry tablet rollback refund review deadline footer timeout timeout test browser … Database export session already again user archive … Password migration report deploy page backup timeout never footer page.

Token production cart project never before still and keeps coöperation. Issue from warning receives token never list language wrong user loses! Calendar new replica export issue sends! Link fails always payment migration Straße link! Date payment payment timeout test invoice error sends wrong …
Tab	here, trailing blanks   ','',66600,0,100800,151,128700,62100,100800,'',900000002,'PAY-1','Größe der Anhänge should remember the user''s choice','2022-06-24 21:11:06.079000',46,46,49,49,1,12);
INSERT INTO "archive_archivedissue" VALUES(900000022,'SEARCH-1','Dark mode 🌙 が遅い','Closed','Done','2021-01-03 03:21:53.896000','Medium','Duplicate','2020-02-17 09:26:33.223000','2021-10-05 06:17:45.206000','2021-01-03 03:21:53.896000',NULL,'[]','[]','["\u00c9rv\u00e9nyes\u00edt\u00e9s", "@infra"]','[]',0,'Archive column empty only deploy retry works table replica server tablet backup. Backup retry never release upload the the session error when missing:','',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'',NULL,'','','2022-08-21 03:38:31.743000',11,NULL,36,36,2,14);
INSERT INTO "archive_archivedissue" VALUES(900000023,'DESK-1','  API token needs a confirmation ','Closed','Done',NULL,'Medium','Done','2019-02-17 11:42:12.734000','2021-08-25 04:37:47.600000','2019-12-10 02:47:54.162000',NULL,'[]','["6.5.0"]','["Database"]','["customer-reported"]',0,'Board cache build staging cell the of and an production always old index, "sic". When from with build review saves page server rollback.

Staging replica payment receives project new large token first row by: Currency the an by cache export when. Closes cluster number translation größer receives sprint sprint build cache! Pipeline footer sprint drops mobile release board sends backup file. Error user request import still before cache export missing number to calendar.

Production token archive cache the request shows for the build Straße double old. Payment link build fails first token language small request opens date language. Cluster login slow large index desktop import only login worker coöperation: Budget review field cell already when mobile login number login. Already café already browser user with keeps.

The zone archive login on on the translation worker of the language! Cart of café the mail time zone the production folder on search user! Order footer search invoice fails footer database keeps works to migration empty. Token to to budget queue browser user by login time page: Zone loses warning table file number receives column user column always server for? Refund an keeps row calendar request still export folder.','Kunde: "Nordwind"',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2022-10-12 01:30:27.499000',9,NULL,50,50,2,3);
INSERT INTO "archive_archivedissue" VALUES(900000024,'LEGAL-2','Export must be documented','Done','Done',NULL,'Medium','Done','2022-08-25 01:39:37.799000','2022-11-09 02:24:24.427000','2022-10-25 08:28:28.803000',NULL,'[]','[]','[]','["a11y"]',0,'Cell cell cart import last archive large footer. Slow from only naïve link number refund an filter pipeline loses tablet export the. Opens deploy double error opens table saves already wrong.

Error button slow build folder contract and session größer … Date list deploy budget the opens works project error … Queue closes sends cluster project build shows budget when cluster the. The page first list user to production the footer invoice cell time before … Currency cart in admin by migration backup opens translation tablet slow, "sic". Cluster download keeps list project release old …

Still from a review mobile cluster shows last mail when after saves fails upload. Shows queue admin of retry export. Password cart empty browser größer missing before support the sprint … Budget größer language download search größer footer the desktop download on always only …','',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2022-12-09 14:48:39.380000',30,14,NULL,3,5,8);
INSERT INTO "archive_archivedissue" VALUES(900000025,'DESK-2','Dark mode 🌙 shows "null" as name','Done','Done','2022-06-20 00:49:22.608000','Low','Done','2021-10-02 02:19:01.715000','2022-08-08 04:09:06.911000','2022-06-20 00:49:22.608000',NULL,'[]','["2.1.0", "4.1.0"]','["API"]','["@home", "customer-reported"]',0,'Saves replica token browser upload archive timeout for search empty release first test, "sic". Number order only a loses currency server a issue opens again! Table queue contract index the naïve test column search! Search staging coöperation login browser on receives with time.','Production',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'',NULL,'','','2023-02-16 00:13:01.580000',51,46,18,18,5,3);
INSERT INTO "archive_archivedissue" VALUES(900000026,'SEARCH-2','API token が遅い','Closed','Done',NULL,'Medium','Done','2022-05-25 07:34:14.097000','2023-01-09 04:15:41.863000','2022-07-27 10:43:08.682000','2023-01-29','["1.4.0", "3.0.0"]','["2.1.0", "2.4.0"]','["Docs"]','["customer-reported", "backend"]',0,'Loses works page result customer import slow download by the mobile issue budget? Sometimes invoice request Straße project invoice timeout slow rollback budget Straße with time … Zone the server loses queue index receives folder worker closes … Token pipeline replica list of by issue coöperation.

Database database opens row link zone button large mail cart still issue, "sic". Currency empty file receives never still only: The cart of when first page mobile export cell from board still contract! Still already database report saves field upload. Drops support by wrong always mobile build date board when. Last large keeps payment invoice replica password payment …','',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2023-04-02 07:39:39.393000',3,NULL,28,28,2,14);
INSERT INTO "archive_archivedissue" VALUES(900000027,'PARTNER-2','نتائج البحث is missing for guests 😢','Done','Done','2022-09-27 11:27:15.110000','Medium','Fixed','2021-10-11 10:08:06.222000','2023-05-08 14:54:11.821000','2022-09-27 11:27:15.110000',NULL,'[]','[]','["Web", "\u691c\u7d22"]','["\u969c\u5bb3", "+1", "\u0639\u0627\u062c\u0644", "regression"]',5,'Board language by small missing large! Receives export request desktop field with column row fails report. Backup from first never loses sometimes translation opens header, "sic".','',7200,0,124200,1725,34200,27000,124200,'',NULL,'','','2023-06-03 18:58:17.480000',22,36,16,16,2,11);
INSERT INTO "archive_archivedissue" VALUES(900000028,'HARBOR-10','Login page shows "null" as name','Closed','Done',NULL,'Medium','Done','2019-08-09 04:20:08.653000','2021-10-23 14:44:05.528000','2020-07-03 20:04:45.595000',NULL,'[]','["2.3.0"]','["iOS"]','["ux", "regression", "tech-debt"]',0,'Contract project wrong to closes date replica and old retry deploy. Tablet payment contract result field Straße cache mail of again cart, "sic". Café project staging download by filter invoice import migration footer?','',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',900000020,'HARBOR-9','Dark mode 🌙 times out','2023-09-15 02:47:32.018000',46,51,12,12,1,5);
INSERT INTO "archive_archivedissue" VALUES(900000029,'HARBOR-11','Search index لا يعمل','Closed','Done','2023-04-02 17:31:12.255000','High','Done','2023-02-04 17:41:14.683000','2023-08-16 08:50:30.638000','2023-04-02 17:31:12.255000',NULL,'[]','["2.2.0", "6.1.0"]','[]','["-wontfix-", "a11y", "customer-reported"]',0,'Project review from index mobile budget field filter calendar. Browser replica footer warning cache cart board and. Password before result receives worker footer coöperation order: Of token of number user a database index table again row invoice archive issue:

Before double tablet invoice support drops coöperation café sometimes fast receives! And currency number request deploy file issue café queue sprint invoice before. Cart order report first again password queue queue translation retry from mail? Board first payment for release only by always empty! Link sprint session filter sprint date search sends replica button download support timeout? Queue issue page empty column café customer warning missing user project:','本番環境',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2023-09-24 14:29:46.962000',46,4,7,7,2,5);
INSERT INTO "archive_archivedissue" VALUES(900000030,'PAY-3','Queue worker is missing for guests 😢','Closed','Done','2022-01-01 12:31:03.308000','Highest','Fixed','2021-06-19 12:43:33.896000','2023-09-07 10:26:52.833000','2022-01-01 12:31:03.308000',NULL,'[]','["6.1.0", "2.3.0"]','["\u691c\u7d22", "Reports, monthly"]','["a11y", "\u969c\u5bb3"]',3,'Number button build request cache order? Of on fast never support password: Receives and result row pipeline an cluster the. Deploy drops support a result cache folder old saves timeout sometimes. Opens list request never old browser fails response report fails! Column release button browser sprint mail large a sends with works report.

Already build budget warning customer migration fails new on. Row footer deadline when upload table button board field loses opens again of the: Column mobile after an translation date archive … Warning cluster result mobile new double fails the login drops saves and sprint. Review the with small new new with small staging … File response missing upload test admin from import a download loses already drops sends!','',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',900000021,'PAY-2','Größe der Anhänge loses the last row','2023-11-29 14:08:46.676000',11,51,26,26,3,12);
INSERT INTO "archive_archivedissue" VALUES(900000031,'PARTNER-3','Invoice PDF لا يعمل','Closed','Done','2022-09-12 15:53:23.201000','Medium','Done','2020-03-07 14:30:49.598000','2022-11-12 17:35:57.498000','2022-09-12 15:53:23.201000','2022-12-02','[]','[]','[]','["needs,comma"]',1,'Import shows hides project error table sometimes closes timeout loses payment! Wrong and admin on refund the worker index filter slow budget list the … Currency export timeout warning last refund slow login. A saves the fails drops index and fast currency replica slow when on fast, "sic".','',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2024-02-17 03:22:19.771000',3,29,48,48,1,11);
INSERT INTO "archive_archivedissue" VALUES(900000032,'OPS-2','Queue worker should remember the user''s choice','Closed','Done','2023-06-18 08:02:59.579000','Medium','Done','2023-01-06 11:04:03.233000','2023-12-10 08:41:06.144000','2023-06-18 08:02:59.579000',NULL,'[]','["4.1.0"]','["-legacy-", "Database"]','["\ud83d\udd25"]',0,'Page server an cell deploy of saves a response, "sic". Receives only pipeline customer date missing Straße migration desktop? Review größer to worker export retry mobile coöperation retry index response large order cart. Cache test board with download desktop release? Wrong zone result token drops cell coöperation large and, "sic". Shows cell replica last result table small invoice button worker when …

Rollback payment tablet issue to last desktop … Search keeps time saves slow board an sends number the sends …
@alice can you look? =A1+B1 is what the sheet shows

''@home','',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2024-04-16 18:00:11.728000',15,31,19,19,1,10);
INSERT INTO "archive_archivedissue" VALUES(900000033,'MOBILE-1','Time zone of due dates returns 500','Done','Done','2023-09-08 17:01:04.194000','Medium','Done','2023-09-07 19:38:25.991000','2024-03-12 14:12:54.984000','2023-09-08 17:01:04.194000','2024-04-01','[]','["1.4.0", "2.3.0"]','[]','["tech-debt", "+1"]',1,'Queue staging page index cache invoice timeout database zone? Double rollback loses when sprint deadline search sends session to field calendar, "sic". Keeps fails from cache project result!','Staging, EU',65700,0,108000,164,106200,40500,108000,'',NULL,'','','2024-05-14 02:16:18.749000',3,13,3,3,1,9);
INSERT INTO "archive_archivedissue" VALUES(900000034,'HARBOR-12','Queue worker is sent twice','Resolved','Done','2023-12-08 03:00:47.675000','Medium','Won''t Do','2023-11-25 20:36:09.830000','2024-05-08 04:51:42.405000','2023-12-08 03:00:47.675000',NULL,'[]','[]','["Billing"]','[]',7,'Fails hides button folder invoice sprint filter, "sic". Field header saves number slow deploy deploy an. Sometimes old archive large issue loses an cache zone link queue server, "sic". Translation when customer the queue empty after Straße row when export only refund.','Production',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2024-07-17 05:22:26.767000',22,5,46,46,4,5);
INSERT INTO "archive_archivedissue" VALUES(900000035,'MOBILE-2','Password reset ignores the site''s time zone','Done','Done','2024-08-03 12:13:22.880000','Medium','Fixed','2024-07-29 01:53:49.573000','2024-08-30 07:04:43.701000','2024-08-03 12:13:22.880000',NULL,'[]','[]','["\u00c9rv\u00e9nyes\u00edt\u00e9s", "@infra"]','["frontend"]',0,'Never when database loses Straße contract retry, "sic". Still timeout header header warning tablet filter the archive? Payment first release a project export timeout number large column for opens … The queue first after double cell number and invoice coöperation sometimes. Still to cache fails deadline to calendar database error!','iOS 17.1 / iPhone 12',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2024-09-23 06:26:22.657000',36,46,51,51,1,9);
INSERT INTO "archive_archivedissue" VALUES(900000036,'HARBOR-13','Time zone of due dates should be translated','Done','Done','2024-09-06 22:03:29.739000','Medium','Fixed','2024-06-17 03:18:36.645000','2024-10-06 05:49:57.963000','2024-09-06 22:03:29.739000','2024-10-26','[]','[]','["Android"]','[]',3,'Table backup a drops translation archive pipeline the closes last user a language. Sometimes empty filter small time field to, "sic". Sometimes password refund closes missing drops again page row cart. Report tablet missing production review of! Drops last import pipeline upload release replica:

Rollback fails größer from shows staging contract review coöperation board download double rollback user, "sic". By again number new first login search session issue Straße browser works. Cart hides by button rollback receives mail, "sic". Opens report customer time keeps from migration filter field replica issue link database. Drops password support review date timeout zone double export old staging:','',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2024-11-25 15:21:56.182000',22,51,43,43,5,5);
INSERT INTO "archive_archivedissue" VALUES(900000037,'HARBOR-14','  Customer''s contract breaks on names with commas, quotes and "such" ','Done','Done',NULL,'High','Done','2023-10-13 07:47:55.497000','2024-08-09 21:34:05.222000','2024-01-16 18:21:39.290000',NULL,'[]','[]','[]','["=formula", "regression", "\u969c\u5bb3", "a11y"]',0,'Date support filter login timeout only timeout never retry receives column sprint! From payment by row the the invoice customer invoice café cache? Invoice mobile budget cache cluster file warning coöperation test support receives: Mail the header keeps migration button already time. Login list from again double button desktop deadline! Customer the tablet password cell zone with backup slow user, "sic".

Number customer release slow deploy in queue browser desktop … Response before still receives old receives! Column cluster button cluster naïve login opens field cell coöperation, "sic".

Support small to test naïve works, "sic". Index row row missing Straße file column empty closes shows … Again sends button index language on browser session archive release export to coöperation on … Session database always and migration column only time header empty an: Board archive wrong größer saves upload button empty old browser always language production.','Production',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',NULL,'','','2025-02-19 18:25:55.855000',46,36,46,46,3,5);
INSERT INTO "archive_archivedissue" VALUES(900000038,'HARBOR-15','Dark mode 🌙 is missing for guests 😢','Closed','Done','2024-11-11 23:36:01.750000','Low','Fixed','2024-05-10 08:00:11.628000','2025-02-04 03:49:40.430000','2024-11-11 23:36:01.750000',NULL,'[]','[]','["Web", "Database"]','["regression", "ux", "\"quoted\""]',0,'Again error support contract queue error password time fast café first. Error board footer mail closes loses backup an never currency wrong, "sic". From größer cluster loses new report missing on when loses header fails first. Tablet issue footer on cache list old tablet search … To double to table session payment button! Language sometimes pipeline closes again button customer column:

With and cart currency field server from deploy header order empty double of rollback … And button result server slow drops table the production support rollback number desktop shows. Contract time upload café language migration currency retry keeps! The fast the old cart production issue deploy cart fails empty number cell queue. The mail the loses row old old the still small last mail!','',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'',900000034,'HARBOR-12','Queue worker is sent twice','2025-03-09 02:07:38.164000',9,19,46,46,2,5);
INSERT INTO "archive_archivedissue" VALUES(900000039,'MOBILE-3','Export times out','Done','Done',NULL,'High','Done','2022-08-14 22:12:32.363000','2025-04-05 10:24:30.474000','2024-09-16 06:07:22.274000',NULL,'[]','["5.1.0"]','["Web"]','["=formula", "gr\u00f6\u00dfe", "a11y"]',9,'Retry error retry number budget to sprint number session before first button loses zone. Field never missing and release timeout receives before before shows? Rollback double index tablet result never desktop shows production project customer keeps when: To browser cell Straße in loses deploy sends drops. Coöperation footer double export cache refund sometimes deploy always first loses backup naïve. Before mobile last password session sprint.
تظهر رسالة خطأ عند تنزيل الملف، والرابط لا يعمل بعد يوم واحد.

Release time staging when browser upload on! On queue opens order pipeline with again fails build release Straße café the … Admin receives fails header cell receives Straße the table footer footer calendar language, "sic". Last saves cart fails export time date browser, "sic".

The Straße payment support warning already invoice mail in refund user from! On when cache only first issue review sends page project hides old header invoice: From zone cell naïve naïve after. On receives budget by report and worker time for order date customer. The empty after from wrong by board test index already release.

Worker sometimes saves missing the opens already. Issue cluster coöperation after mail release closes a pipeline café and only date. Review größer contract loses mobile closes queue fails. Search token password shows archive the cell issue from issue review a. Large index the still deploy always result for naïve small with last.

Error cell search last old worker customer password slow fast still worker time field? By from sometimes database mail naïve the large tablet number. Date import after the fails button header timeout: Download order of from backup test sprint production loses report invoice?

Project translation first old cell sometimes sometimes build currency result. List by double café rollback mail session … When import by request cluster always? Straße table wrong the payment zone filter button last the contract? Cell mobile upload deadline customer database refund customer search time. Only build button production naïve user replica:','',NULL,NULL,NULL,-1,NULL,NULL,NULL,'',900000035,'MOBILE-2','Password reset ignores the site''s time zone','2025-07-02 19:53:36.632000',36,6,38,38,3,9);
INSERT INTO "archive_archivedissue" VALUES(900000040,'WEB-2','Calendar, week view が遅い','Closed','Done','2025-08-20 20:59:15.356000','Medium','Done','2025-07-26 00:34:32.485000','2025-08-26 03:17:22.514000','2025-08-20 20:59:15.356000',NULL,'[]','[]','[]','["\ud83d\udd25"]',44,'Opens missing result field backup large empty always language session an language works. Large works test field a from, "sic". Warning calendar migration shows cell sends admin on test wrong large user review.

Missing language empty mobile page order queue fast folder date contract request … Sometimes page from backup translation report budget folder index never for backup, "sic". Hides empty wrong import to café fails queue mail for, "sic". Hides order response password admin project by large coöperation result before page: Cart fails the cache opens column hides budget report link currency. Never currency rollback sprint café worker invoice worker deploy.

Header timeout number contract pipeline shows double. Fast build shows missing only import session browser staging small. Cart upload issue login search cart. Cell customer migration always link request deadline fast. Timeout upload mobile response cluster of works retry the: Production when request a invoice wrong admin large works to build sends to build?

Slow always never link cell user calendar receives shows a small field timeout: Contract empty support a translation project small import.','',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'',NULL,'','','2025-08-26 11:34:59.535000',3,30,37,37,1,15);
INSERT INTO "archive_archivedissue" VALUES(1,'OLD-1','One','','',NULL,'','',NULL,NULL,NULL,NULL,'[]','[]','[]','[]',NULL,'','',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'',NULL,'','','2024-02-03 00:00:00',53,NULL,NULL,NULL,3,16);
INSERT INTO "archive_archivedissue" VALUES(2,'OLD-2','=Two','','',NULL,'','',NULL,NULL,NULL,NULL,'[]','[]','[]','[]',NULL,'','',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'',NULL,'','','2024-02-03 00:00:00',53,NULL,NULL,NULL,3,16);
CREATE TABLE "archive_issuetype" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "type_id" varchar(64) NOT NULL UNIQUE, "name" varchar(255) NOT NULL, "is_formula_free" bool GENERATED ALWAYS AS (NOT (substr(ltrim("name", ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠'))) STORED);
INSERT INTO "archive_issuetype" VALUES(1,'10001','Story');
INSERT INTO "archive_issuetype" VALUES(2,'10002','Task');
INSERT INTO "archive_issuetype" VALUES(3,'10003','Bug');
INSERT INTO "archive_issuetype" VALUES(4,'10004','Epic');
INSERT INTO "archive_issuetype" VALUES(5,'10005','Sub-task');
INSERT INTO "archive_issuetype" VALUES(6,'10007','New Feature');
CREATE TABLE "archive_monthsummary" ("time_zone" varchar(64) NOT NULL PRIMARY KEY, "months" text NOT NULL CHECK ((JSON_VALID("months") OR "months" IS NULL)));
CREATE TABLE "archive_project" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "key" varchar(64) NOT NULL UNIQUE, "name" varchar(255) NOT NULL, "type" varchar(64) NOT NULL, "description" text NOT NULL, "is_formula_free" bool GENERATED ALWAYS AS (NOT (substr(ltrim("key", ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠') OR substr(ltrim("name", ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠') OR substr(ltrim("type", ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠') OR substr(ltrim("description", ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠'))) STORED, "lead_id" bigint NULL REFERENCES "archive_account" ("id") DEFERRABLE INITIALLY DEFERRED);
INSERT INTO "archive_project" VALUES(1,'ARCHIVE','-Old things-','software','All about -Old things-.
Ask first.',45);
INSERT INTO "archive_project" VALUES(2,'DATA','Data Warehouse','software','All about Data Warehouse.
Ask first.',40);
INSERT INTO "archive_project" VALUES(3,'DESK','Service Desk','service_desk','-1 on this, please wait',29);
INSERT INTO "archive_project" VALUES(4,'FACT','Fakturierung','software','All about Fakturierung.
Ask first.',8);
INSERT INTO "archive_project" VALUES(5,'HARBOR','Harbor Platform','software','All about Harbor Platform.
Ask first.',46);
INSERT INTO "archive_project" VALUES(6,'HR','People Operations','business','All about People Operations.
Ask first.',48);
INSERT INTO "archive_project" VALUES(7,'LAB','Lab 🧪 experiments','','',NULL);
INSERT INTO "archive_project" VALUES(8,'LEGAL','Legal','business','All about Legal.
Ask first.',44);
INSERT INTO "archive_project" VALUES(9,'MOBILE','Mobile Apps','software','All about Mobile Apps.
Ask first.',36);
INSERT INTO "archive_project" VALUES(10,'OPS','Operations','','',NULL);
INSERT INTO "archive_project" VALUES(11,'PARTNER','Partner Portal','software','-1 on this, please wait',39);
INSERT INTO "archive_project" VALUES(12,'PAY','Payments','software','All about Payments.
Ask first.',11);
INSERT INTO "archive_project" VALUES(13,'QA','Quality','software','All about Quality.
Ask first.',33);
INSERT INTO "archive_project" VALUES(14,'SEARCH','Search & Discovery','software','All about Search & Discovery.
Ask first.',19);
INSERT INTO "archive_project" VALUES(15,'WEB','Website “Nordlicht”','software','All about Website “Nordlicht”.
Ask first.',47);
INSERT INTO "archive_project" VALUES(16,'OLD','','','',NULL);
CREATE TABLE "archive_removal" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "kind" varchar(20) NOT NULL, "at" datetime NOT NULL, "operator" varchar(254) NOT NULL, "filter" text NOT NULL CHECK ((JSON_VALID("filter") OR "filter" IS NULL)), "issue_count" integer unsigned NOT NULL CHECK ("issue_count" >= 0), CONSTRAINT "removal_kind_is_known" CHECK ("kind" IN ('deleted', 'unarchived', 'anonymised')));
CREATE TABLE "auth_group" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(150) NOT NULL UNIQUE);
INSERT INTO "auth_group" VALUES(1,'Export reviewers');
CREATE TABLE "auth_group_permissions" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "group_id" integer NOT NULL REFERENCES "auth_group" ("id") DEFERRABLE INITIALLY DEFERRED, "permission_id" integer NOT NULL REFERENCES "auth_permission" ("id") DEFERRABLE INITIALLY DEFERRED);
INSERT INTO "auth_group_permissions" VALUES(1,1,9);
INSERT INTO "auth_group_permissions" VALUES(2,1,4);
INSERT INTO "auth_group_permissions" VALUES(3,1,13);
INSERT INTO "auth_group_permissions" VALUES(4,1,17);
INSERT INTO "auth_group_permissions" VALUES(5,1,25);
INSERT INTO "auth_group_permissions" VALUES(6,1,21);
INSERT INTO "auth_group_permissions" VALUES(7,1,45);
CREATE TABLE "auth_permission" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "content_type_id" integer NOT NULL REFERENCES "django_content_type" ("id") DEFERRABLE INITIALLY DEFERRED, "codename" varchar(100) NOT NULL, "name" varchar(255) NOT NULL);
INSERT INTO "auth_permission" VALUES(1,1,'add_exportjob','Can add export');
INSERT INTO "auth_permission" VALUES(2,1,'change_exportjob','Can change export');
INSERT INTO "auth_permission" VALUES(3,1,'delete_exportjob','Can delete export');
INSERT INTO "auth_permission" VALUES(4,1,'view_exportjob','Can view export');
INSERT INTO "auth_permission" VALUES(5,1,'resend_mail','Can send an export''s email again');
INSERT INTO "auth_permission" VALUES(6,2,'add_exportevent','Can add export event');
INSERT INTO "auth_permission" VALUES(7,2,'change_exportevent','Can change export event');
INSERT INTO "auth_permission" VALUES(8,2,'delete_exportevent','Can delete export event');
INSERT INTO "auth_permission" VALUES(9,2,'view_exportevent','Can view export event');
INSERT INTO "auth_permission" VALUES(10,3,'add_download','Can add download');
INSERT INTO "auth_permission" VALUES(11,3,'change_download','Can change download');
INSERT INTO "auth_permission" VALUES(12,3,'delete_download','Can delete download');
INSERT INTO "auth_permission" VALUES(13,3,'view_download','Can view download');
INSERT INTO "auth_permission" VALUES(14,4,'add_mail','Can add mail');
INSERT INTO "auth_permission" VALUES(15,4,'change_mail','Can change mail');
INSERT INTO "auth_permission" VALUES(16,4,'delete_mail','Can delete mail');
INSERT INTO "auth_permission" VALUES(17,4,'view_mail','Can view mail');
INSERT INTO "auth_permission" VALUES(18,5,'add_importjob','Can add import');
INSERT INTO "auth_permission" VALUES(19,5,'change_importjob','Can change import');
INSERT INTO "auth_permission" VALUES(20,5,'delete_importjob','Can delete import');
INSERT INTO "auth_permission" VALUES(21,5,'view_importjob','Can view import');
INSERT INTO "auth_permission" VALUES(22,6,'add_importevent','Can add import event');
INSERT INTO "auth_permission" VALUES(23,6,'change_importevent','Can change import event');
INSERT INTO "auth_permission" VALUES(24,6,'delete_importevent','Can delete import event');
INSERT INTO "auth_permission" VALUES(25,6,'view_importevent','Can view import event');
INSERT INTO "auth_permission" VALUES(26,7,'add_issuetype','Can add issue type');
INSERT INTO "auth_permission" VALUES(27,7,'change_issuetype','Can change issue type');
INSERT INTO "auth_permission" VALUES(28,7,'delete_issuetype','Can delete issue type');
INSERT INTO "auth_permission" VALUES(29,7,'view_issuetype','Can view issue type');
INSERT INTO "auth_permission" VALUES(30,8,'add_monthsummary','Can add month summary');
INSERT INTO "auth_permission" VALUES(31,8,'change_monthsummary','Can change month summary');
INSERT INTO "auth_permission" VALUES(32,8,'delete_monthsummary','Can delete month summary');
INSERT INTO "auth_permission" VALUES(33,8,'view_monthsummary','Can view month summary');
INSERT INTO "auth_permission" VALUES(34,9,'add_account','Can add account');
INSERT INTO "auth_permission" VALUES(35,9,'change_account','Can change account');
INSERT INTO "auth_permission" VALUES(36,9,'delete_account','Can delete account');
INSERT INTO "auth_permission" VALUES(37,9,'view_account','Can view account');
INSERT INTO "auth_permission" VALUES(38,10,'add_project','Can add project');
INSERT INTO "auth_permission" VALUES(39,10,'change_project','Can change project');
INSERT INTO "auth_permission" VALUES(40,10,'delete_project','Can delete project');
INSERT INTO "auth_permission" VALUES(41,10,'view_project','Can view project');
INSERT INTO "auth_permission" VALUES(42,11,'add_removal','Can add removal');
INSERT INTO "auth_permission" VALUES(43,11,'change_removal','Can change removal');
INSERT INTO "auth_permission" VALUES(44,11,'delete_removal','Can delete removal');
INSERT INTO "auth_permission" VALUES(45,11,'view_removal','Can view removal');
INSERT INTO "auth_permission" VALUES(46,12,'add_archivedissue','Can add archived issue');
INSERT INTO "auth_permission" VALUES(47,12,'change_archivedissue','Can change archived issue');
INSERT INTO "auth_permission" VALUES(48,12,'delete_archivedissue','Can delete archived issue');
INSERT INTO "auth_permission" VALUES(49,12,'view_archivedissue','Can view archived issue');
INSERT INTO "auth_permission" VALUES(50,13,'add_worker','Can add worker');
INSERT INTO "auth_permission" VALUES(51,13,'change_worker','Can change worker');
INSERT INTO "auth_permission" VALUES(52,13,'delete_worker','Can delete worker');
INSERT INTO "auth_permission" VALUES(53,13,'view_worker','Can view worker');
INSERT INTO "auth_permission" VALUES(54,14,'add_failedattempts','Can add failed attempts');
INSERT INTO "auth_permission" VALUES(55,14,'change_failedattempts','Can change failed attempts');
INSERT INTO "auth_permission" VALUES(56,14,'delete_failedattempts','Can delete failed attempts');
INSERT INTO "auth_permission" VALUES(57,14,'view_failedattempts','Can view failed attempts');
INSERT INTO "auth_permission" VALUES(58,15,'add_user','Can add user');
INSERT INTO "auth_permission" VALUES(59,15,'change_user','Can change user');
INSERT INTO "auth_permission" VALUES(60,15,'delete_user','Can delete user');
INSERT INTO "auth_permission" VALUES(61,15,'view_user','Can view user');
INSERT INTO "auth_permission" VALUES(62,16,'add_apitoken','Can add API token');
INSERT INTO "auth_permission" VALUES(63,16,'change_apitoken','Can change API token');
INSERT INTO "auth_permission" VALUES(64,16,'delete_apitoken','Can delete API token');
INSERT INTO "auth_permission" VALUES(65,16,'view_apitoken','Can view API token');
INSERT INTO "auth_permission" VALUES(66,17,'add_logentry','Can add log entry');
INSERT INTO "auth_permission" VALUES(67,17,'change_logentry','Can change log entry');
INSERT INTO "auth_permission" VALUES(68,17,'delete_logentry','Can delete log entry');
INSERT INTO "auth_permission" VALUES(69,17,'view_logentry','Can view log entry');
INSERT INTO "auth_permission" VALUES(70,18,'add_permission','Can add permission');
INSERT INTO "auth_permission" VALUES(71,18,'change_permission','Can change permission');
INSERT INTO "auth_permission" VALUES(72,18,'delete_permission','Can delete permission');
INSERT INTO "auth_permission" VALUES(73,18,'view_permission','Can view permission');
INSERT INTO "auth_permission" VALUES(74,19,'add_group','Can add group');
INSERT INTO "auth_permission" VALUES(75,19,'change_group','Can change group');
INSERT INTO "auth_permission" VALUES(76,19,'delete_group','Can delete group');
INSERT INTO "auth_permission" VALUES(77,19,'view_group','Can view group');
INSERT INTO "auth_permission" VALUES(78,20,'add_contenttype','Can add content type');
INSERT INTO "auth_permission" VALUES(79,20,'change_contenttype','Can change content type');
INSERT INTO "auth_permission" VALUES(80,20,'delete_contenttype','Can delete content type');
INSERT INTO "auth_permission" VALUES(81,20,'view_contenttype','Can view content type');
INSERT INTO "auth_permission" VALUES(82,21,'add_session','Can add session');
INSERT INTO "auth_permission" VALUES(83,21,'change_session','Can change session');
INSERT INTO "auth_permission" VALUES(84,21,'delete_session','Can delete session');
INSERT INTO "auth_permission" VALUES(85,21,'view_session','Can view session');
INSERT INTO "auth_permission" VALUES(86,22,'add_schedule','Can add Scheduled task');
INSERT INTO "auth_permission" VALUES(87,22,'change_schedule','Can change Scheduled task');
INSERT INTO "auth_permission" VALUES(88,22,'delete_schedule','Can delete Scheduled task');
INSERT INTO "auth_permission" VALUES(89,22,'view_schedule','Can view Scheduled task');
INSERT INTO "auth_permission" VALUES(90,23,'add_task','Can add Task');
INSERT INTO "auth_permission" VALUES(91,23,'change_task','Can change Task');
INSERT INTO "auth_permission" VALUES(92,23,'delete_task','Can delete Task');
INSERT INTO "auth_permission" VALUES(93,23,'view_task','Can view Task');
INSERT INTO "auth_permission" VALUES(94,24,'add_failure','Can add Failed task');
INSERT INTO "auth_permission" VALUES(95,24,'change_failure','Can change Failed task');
INSERT INTO "auth_permission" VALUES(96,24,'delete_failure','Can delete Failed task');
INSERT INTO "auth_permission" VALUES(97,24,'view_failure','Can view Failed task');
INSERT INTO "auth_permission" VALUES(98,25,'add_success','Can add Successful task');
INSERT INTO "auth_permission" VALUES(99,25,'change_success','Can change Successful task');
INSERT INTO "auth_permission" VALUES(100,25,'delete_success','Can delete Successful task');
INSERT INTO "auth_permission" VALUES(101,25,'view_success','Can view Successful task');
INSERT INTO "auth_permission" VALUES(102,26,'add_ormq','Can add Queued task');
INSERT INTO "auth_permission" VALUES(103,26,'change_ormq','Can change Queued task');
INSERT INTO "auth_permission" VALUES(104,26,'delete_ormq','Can delete Queued task');
INSERT INTO "auth_permission" VALUES(105,26,'view_ormq','Can view Queued task');
INSERT INTO "auth_permission" VALUES(106,27,'add_application','Can add application');
INSERT INTO "auth_permission" VALUES(107,27,'change_application','Can change application');
INSERT INTO "auth_permission" VALUES(108,27,'delete_application','Can delete application');
INSERT INTO "auth_permission" VALUES(109,27,'view_application','Can view application');
INSERT INTO "auth_permission" VALUES(110,28,'add_accesstoken','Can add access token');
INSERT INTO "auth_permission" VALUES(111,28,'change_accesstoken','Can change access token');
INSERT INTO "auth_permission" VALUES(112,28,'delete_accesstoken','Can delete access token');
INSERT INTO "auth_permission" VALUES(113,28,'view_accesstoken','Can view access token');
INSERT INTO "auth_permission" VALUES(114,29,'add_grant','Can add grant');
INSERT INTO "auth_permission" VALUES(115,29,'change_grant','Can change grant');
INSERT INTO "auth_permission" VALUES(116,29,'delete_grant','Can delete grant');
INSERT INTO "auth_permission" VALUES(117,29,'view_grant','Can view grant');
INSERT INTO "auth_permission" VALUES(118,30,'add_refreshtoken','Can add refresh token');
INSERT INTO "auth_permission" VALUES(119,30,'change_refreshtoken','Can change refresh token');
INSERT INTO "auth_permission" VALUES(120,30,'delete_refreshtoken','Can delete refresh token');
INSERT INTO "auth_permission" VALUES(121,30,'view_refreshtoken','Can view refresh token');
INSERT INTO "auth_permission" VALUES(122,31,'add_idtoken','Can add id token');
INSERT INTO "auth_permission" VALUES(123,31,'change_idtoken','Can change id token');
INSERT INTO "auth_permission" VALUES(124,31,'delete_idtoken','Can delete id token');
INSERT INTO "auth_permission" VALUES(125,31,'view_idtoken','Can view id token');
INSERT INTO "auth_permission" VALUES(126,32,'add_devicegrant','Can add device grant');
INSERT INTO "auth_permission" VALUES(127,32,'change_devicegrant','Can change device grant');
INSERT INTO "auth_permission" VALUES(128,32,'delete_devicegrant','Can delete device grant');
INSERT INTO "auth_permission" VALUES(129,32,'view_devicegrant','Can view device grant');
INSERT INTO "auth_permission" VALUES(130,33,'add_apikey','Can add API key');
INSERT INTO "auth_permission" VALUES(131,33,'change_apikey','Can change API key');
INSERT INTO "auth_permission" VALUES(132,33,'delete_apikey','Can delete API key');
INSERT INTO "auth_permission" VALUES(133,33,'view_apikey','Can view API key');
CREATE TABLE "django_admin_log" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "object_id" text NULL, "object_repr" varchar(200) NOT NULL, "action_flag" smallint unsigned NOT NULL CHECK ("action_flag" >= 0), "change_message" text NOT NULL, "content_type_id" integer NULL REFERENCES "django_content_type" ("id") DEFERRABLE INITIALLY DEFERRED, "user_id" bigint NOT NULL REFERENCES "accounts_user" ("id") DEFERRABLE INITIALLY DEFERRED, "action_time" datetime NOT NULL);
CREATE TABLE "django_content_type" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app_label" varchar(100) NOT NULL, "model" varchar(100) NOT NULL);
INSERT INTO "django_content_type" VALUES(1,'exports','exportjob');
INSERT INTO "django_content_type" VALUES(2,'exports','exportevent');
INSERT INTO "django_content_type" VALUES(3,'exports','download');
INSERT INTO "django_content_type" VALUES(4,'exports','mail');
INSERT INTO "django_content_type" VALUES(5,'imports','importjob');
INSERT INTO "django_content_type" VALUES(6,'imports','importevent');
INSERT INTO "django_content_type" VALUES(7,'archive','issuetype');
INSERT INTO "django_content_type" VALUES(8,'archive','monthsummary');
INSERT INTO "django_content_type" VALUES(9,'archive','account');
INSERT INTO "django_content_type" VALUES(10,'archive','project');
INSERT INTO "django_content_type" VALUES(11,'archive','removal');
INSERT INTO "django_content_type" VALUES(12,'archive','archivedissue');
INSERT INTO "django_content_type" VALUES(13,'jobs','worker');
INSERT INTO "django_content_type" VALUES(14,'accounts','failedattempts');
INSERT INTO "django_content_type" VALUES(15,'accounts','user');
INSERT INTO "django_content_type" VALUES(16,'accounts','apitoken');
INSERT INTO "django_content_type" VALUES(17,'admin','logentry');
INSERT INTO "django_content_type" VALUES(18,'auth','permission');
INSERT INTO "django_content_type" VALUES(19,'auth','group');
INSERT INTO "django_content_type" VALUES(20,'contenttypes','contenttype');
INSERT INTO "django_content_type" VALUES(21,'sessions','session');
INSERT INTO "django_content_type" VALUES(22,'django_q','schedule');
INSERT INTO "django_content_type" VALUES(23,'django_q','task');
INSERT INTO "django_content_type" VALUES(24,'django_q','failure');
INSERT INTO "django_content_type" VALUES(25,'django_q','success');
INSERT INTO "django_content_type" VALUES(26,'django_q','ormq');
INSERT INTO "django_content_type" VALUES(27,'oauth2_provider','application');
INSERT INTO "django_content_type" VALUES(28,'oauth2_provider','accesstoken');
INSERT INTO "django_content_type" VALUES(29,'oauth2_provider','grant');
INSERT INTO "django_content_type" VALUES(30,'oauth2_provider','refreshtoken');
INSERT INTO "django_content_type" VALUES(31,'oauth2_provider','idtoken');
INSERT INTO "django_content_type" VALUES(32,'oauth2_provider','devicegrant');
INSERT INTO "django_content_type" VALUES(33,'rest_framework_api_key','apikey');
CREATE TABLE "django_migrations" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app" varchar(255) NOT NULL, "name" varchar(255) NOT NULL, "applied" datetime NOT NULL);
INSERT INTO "django_migrations" VALUES(1,'contenttypes','0001_initial','2026-11-24 18:19:24.000434');
INSERT INTO "django_migrations" VALUES(2,'contenttypes','0002_remove_content_type_name','2026-11-24 18:19:24.127703');
INSERT INTO "django_migrations" VALUES(3,'auth','0001_initial','2026-11-24 18:19:24.830338');
INSERT INTO "django_migrations" VALUES(4,'auth','0002_alter_permission_name_max_length','2026-11-24 18:19:24.890444');
INSERT INTO "django_migrations" VALUES(5,'auth','0003_alter_user_email_max_length','2026-11-24 18:19:24.905197');
INSERT INTO "django_migrations" VALUES(6,'auth','0004_alter_user_username_opts','2026-11-24 18:19:24.963673');
INSERT INTO "django_migrations" VALUES(7,'auth','0005_alter_user_last_login_null','2026-11-24 18:19:24.978472');
INSERT INTO "django_migrations" VALUES(8,'auth','0006_require_contenttypes_0002','2026-11-24 18:19:24.979000');
INSERT INTO "django_migrations" VALUES(9,'auth','0007_alter_validators_add_error_messages','2026-11-24 18:19:24.986886');
INSERT INTO "django_migrations" VALUES(10,'auth','0008_alter_user_username_max_length','2026-11-24 18:19:25.001376');
INSERT INTO "django_migrations" VALUES(11,'auth','0009_alter_user_last_name_max_length','2026-11-24 18:19:25.019554');
INSERT INTO "django_migrations" VALUES(12,'auth','0010_alter_group_name_max_length','2026-11-24 18:19:25.051989');
INSERT INTO "django_migrations" VALUES(13,'auth','0011_update_proxy_permissions','2026-11-24 18:19:25.192391');
INSERT INTO "django_migrations" VALUES(14,'auth','0012_alter_user_first_name_max_length','2026-11-24 18:19:25.224705');
INSERT INTO "django_migrations" VALUES(15,'accounts','0001_initial','2026-11-24 18:19:25.373809');
INSERT INTO "django_migrations" VALUES(16,'admin','0001_initial','2026-11-24 18:19:25.380332');
INSERT INTO "django_migrations" VALUES(17,'admin','0002_logentry_remove_auto_add','2026-11-24 18:19:25.397010');
INSERT INTO "django_migrations" VALUES(18,'admin','0003_logentry_add_action_flag_choices','2026-11-24 18:19:25.402736');
INSERT INTO "django_migrations" VALUES(19,'archive','0001_initial','2026-11-24 18:19:25.416463');
INSERT INTO "django_migrations" VALUES(20,'django_q','0001_initial','2026-11-24 18:19:25.424146');
INSERT INTO "django_migrations" VALUES(21,'django_q','0002_auto_20150630_1624','2026-11-24 18:19:25.446513');
INSERT INTO "django_migrations" VALUES(22,'django_q','0003_auto_20150708_1326','2026-11-24 18:19:25.457861');
INSERT INTO "django_migrations" VALUES(23,'django_q','0004_auto_20150710_1043','2026-11-24 18:19:25.484834');
INSERT INTO "django_migrations" VALUES(24,'django_q','0005_auto_20150718_1506','2026-11-24 18:19:25.516959');
INSERT INTO "django_migrations" VALUES(25,'django_q','0006_auto_20150805_1817','2026-11-24 18:19:25.544137');
INSERT INTO "django_migrations" VALUES(26,'django_q','0007_ormq','2026-11-24 18:19:25.545588');
INSERT INTO "django_migrations" VALUES(27,'django_q','0008_auto_20160224_1026','2026-11-24 18:19:25.602683');
INSERT INTO "django_migrations" VALUES(28,'django_q','0009_auto_20171009_0915','2026-11-24 18:19:25.616971');
INSERT INTO "django_migrations" VALUES(29,'django_q','0010_auto_20200610_0856','2026-11-24 18:19:25.721813');
INSERT INTO "django_migrations" VALUES(30,'django_q','0011_auto_20200628_1055','2026-11-24 18:19:25.769192');
INSERT INTO "django_migrations" VALUES(31,'django_q','0012_auto_20200702_1608','2026-11-24 18:19:25.804809');
INSERT INTO "django_migrations" VALUES(32,'django_q','0013_task_attempt_count','2026-11-24 18:19:26.002047');
INSERT INTO "django_migrations" VALUES(33,'django_q','0014_schedule_cluster','2026-11-24 18:19:26.072253');
INSERT INTO "django_migrations" VALUES(34,'django_q','0015_alter_schedule_schedule_type','2026-11-24 18:19:26.238648');
INSERT INTO "django_migrations" VALUES(35,'django_q','0016_schedule_intended_date_kwarg','2026-11-24 18:19:26.242884');
INSERT INTO "django_migrations" VALUES(36,'django_q','0017_task_cluster_alter','2026-11-24 18:19:26.248460');
INSERT INTO "django_migrations" VALUES(37,'django_q','0018_task_success_index','2026-11-24 18:19:26.250788');
INSERT INTO "django_migrations" VALUES(38,'django_q','0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more','2026-11-24 18:19:27.375253');
INSERT INTO "django_migrations" VALUES(39,'exports','0001_initial','2026-11-24 18:19:31.934355');
INSERT INTO "django_migrations" VALUES(40,'imports','0001_initial','2026-11-24 18:19:32.956048');
INSERT INTO "django_migrations" VALUES(41,'jobs','0001_initial','2026-11-24 18:19:32.958123');
INSERT INTO "django_migrations" VALUES(42,'oauth2_provider','0001_initial','2026-11-24 18:19:33.152627');
INSERT INTO "django_migrations" VALUES(43,'oauth2_provider','0002_auto_20190406_1805','2026-11-24 18:19:34.639125');
INSERT INTO "django_migrations" VALUES(44,'oauth2_provider','0003_auto_20201211_1314','2026-11-24 18:19:35.233336');
INSERT INTO "django_migrations" VALUES(45,'oauth2_provider','0004_auto_20200902_2022','2026-11-24 18:19:38.002085');
INSERT INTO "django_migrations" VALUES(46,'oauth2_provider','0005_auto_20211222_2352','2026-11-24 18:19:40.649429');
INSERT INTO "django_migrations" VALUES(47,'oauth2_provider','0006_alter_application_client_secret','2026-11-24 18:19:42.124868');
INSERT INTO "django_migrations" VALUES(48,'oauth2_provider','0007_application_post_logout_redirect_uris','2026-11-24 18:19:42.143197');
INSERT INTO "django_migrations" VALUES(49,'oauth2_provider','0008_alter_accesstoken_token','2026-11-24 18:19:42.296696');
INSERT INTO "django_migrations" VALUES(50,'oauth2_provider','0009_add_hash_client_secret','2026-11-24 18:19:42.891109');
INSERT INTO "django_migrations" VALUES(51,'oauth2_provider','0010_application_allowed_origins','2026-11-24 18:19:42.912735');
INSERT INTO "django_migrations" VALUES(52,'oauth2_provider','0011_refreshtoken_token_family','2026-11-24 18:19:43.124020');
INSERT INTO "django_migrations" VALUES(53,'oauth2_provider','0012_add_token_checksum','2026-11-24 18:19:46.959386');
INSERT INTO "django_migrations" VALUES(54,'oauth2_provider','0013_alter_application_authorization_grant_type_device','2026-11-24 18:19:47.222377');
INSERT INTO "django_migrations" VALUES(55,'oauth2_provider','0014_alter_help_text','2026-11-24 18:19:47.436574');
INSERT INTO "django_migrations" VALUES(56,'oauth2_provider','0015_refreshtoken_token_checksum','2026-11-24 18:19:49.076806');
INSERT INTO "django_migrations" VALUES(57,'oauth2_provider','0016_alter_devicegrant_scope','2026-11-24 18:19:49.103604');
INSERT INTO "django_migrations" VALUES(58,'oauth2_provider','0017_application_dcr_created','2026-11-24 18:19:49.123266');
INSERT INTO "django_migrations" VALUES(59,'oauth2_provider','0018_resource_indicators','2026-11-24 18:19:49.185013');
INSERT INTO "django_migrations" VALUES(60,'oauth2_provider','0019_application_registration_source','2026-11-24 18:19:50.016553');
INSERT INTO "django_migrations" VALUES(61,'oauth2_provider','0020_cimd_application_fields','2026-11-24 18:19:50.471970');
INSERT INTO "django_migrations" VALUES(62,'oauth2_provider','0021_translatable_field_labels','2026-11-24 18:19:59.786293');
INSERT INTO "django_migrations" VALUES(63,'oauth2_provider','0022_refreshtoken_token_family_index','2026-11-24 18:19:59.808838');
INSERT INTO "django_migrations" VALUES(64,'rest_framework_api_key','0001_initial','2026-11-24 18:19:59.811202');
INSERT INTO "django_migrations" VALUES(65,'rest_framework_api_key','0002_auto_20190529_2243','2026-11-24 18:19:59.817062');
INSERT INTO "django_migrations" VALUES(66,'rest_framework_api_key','0003_auto_20190623_1952','2026-11-24 18:19:59.818832');
INSERT INTO "django_migrations" VALUES(67,'rest_framework_api_key','0004_prefix_hashed_key','2026-11-24 18:19:59.889362');
INSERT INTO "django_migrations" VALUES(68,'rest_framework_api_key','0005_auto_20220110_1102','2026-11-24 18:19:59.912525');
INSERT INTO "django_migrations" VALUES(69,'sessions','0001_initial','2026-11-24 18:19:59.914679');
CREATE TABLE "django_q_ormq" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "key" varchar(100) NOT NULL, "payload" text NOT NULL, "lock" datetime NULL);
INSERT INTO "django_q_ormq" VALUES(1,'exports','gAWV8AAAAAAAAAB9lCiMAmlklIwgNjkyNDFlMTUzNzM1NDE1OWI0N2ZlMzU3ZTA0MjE0NmWUjARuYW1llIwPaW1wb3J0X3VwbG9hZCAxlIwEZnVuY5SMG2ltcG9ydHMudGFza3MuaW1wb3J0X3VwbG9hZJSMBGFyZ3OUSwGFlIwLYWNrX2ZhaWx1cmWUiIwGa3dhcmdzlH2UjAdzdGFydGVklIwIZGF0ZXRpbWWUjAhkYXRldGltZZSTlEMKB-oLGBIUFAKi1ZRoDYwIdGltZXpvbmWUk5RoDYwJdGltZWRlbHRhlJOUSwBLAEsAh5RSlIWUUpSGlFKUdS4:1xVv7s:2jCLaR23Dzp8JFVV5fpsn_bEC20rm-IQIq4FO2QUCME','2026-11-24 18:20:20.173');
INSERT INTO "django_q_ormq" VALUES(2,'exports','gAWV7gAAAAAAAAB9lCiMAmlklIwgMmIxM2M3NzA3YjA2NDgwZmJkMGE4OTA3NzMxZmQyZTaUjARuYW1llIwOYnVpbGRfZXhwb3J0IDGUjARmdW5jlIwaZXhwb3J0cy50YXNrcy5idWlsZF9leHBvcnSUjARhcmdzlEsBhZSMC2Fja19mYWlsdXJllIiMBmt3YXJnc5R9lIwHc3RhcnRlZJSMCGRhdGV0aW1llIwIZGF0ZXRpbWWUk5RDCgfqCxgSFBQFZlSUaA2MCHRpbWV6b25llJOUaA2MCXRpbWVkZWx0YZSTlEsASwBLAIeUUpSFlFKUhpRSlHUu:1xVv7s:vr1Jw15gO6l09aP9xHlevVe5nxNiWW6tFk8jpJkMBPc','2026-11-24 18:20:20.354');
INSERT INTO "django_q_ormq" VALUES(3,'exports','gAWV9AAAAAAAAAB9lCiMAmlklIwgNDkyOWFhY2M4OTE0NDAzYjg1NjQyMTY0OWY3NDJhMGaUjARuYW1llIwLc2VuZF9tYWlsIDGUjARmdW5jlIwXZXhwb3J0cy50YXNrcy5zZW5kX21haWyUjARhcmdzlEsBhZSMB3RpbWVvdXSUSzyMC2Fja19mYWlsdXJllIiMBmt3YXJnc5R9lIwHc3RhcnRlZJSMCGRhdGV0aW1llIwIZGF0ZXRpbWWUk5RDCgfqCxgSFBQKqaqUaA6MCHRpbWV6b25llJOUaA6MCXRpbWVkZWx0YZSTlEsASwBLAIeUUpSFlFKUhpRSlHUu:1xVv7s:VgNh7N_mck2r2Ib2xiQeJ9jtIOymu5uONXdTN_ApZss','2026-11-24 18:20:20.699');
CREATE TABLE "django_q_schedule" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "func" varchar(256) NOT NULL, "hook" varchar(256) NULL, "args" text NULL, "kwargs" text NULL, "repeats" integer NOT NULL, "next_run" datetime NULL, "task" varchar(100) NULL, "name" varchar(100) NULL, "minutes" smallint unsigned NULL CHECK ("minutes" >= 0), "cron" varchar(100) NULL, "cluster" varchar(100) NULL, "schedule_type" varchar(2) NOT NULL, "intended_date_kwarg" varchar(100) NULL);
INSERT INTO "django_q_schedule" VALUES(1,'jobs.tasks.sweep',NULL,NULL,NULL,-1,'2026-11-24 18:20:00.161423',NULL,'sweep',1,NULL,NULL,'I',NULL);
CREATE TABLE "django_q_task" ("name" varchar(100) NOT NULL, "func" varchar(256) NOT NULL, "hook" varchar(256) NULL, "args" text NULL, "kwargs" text NULL, "result" text NULL, "started" datetime NOT NULL, "stopped" datetime NOT NULL, "success" bool NOT NULL, "id" varchar(32) NOT NULL PRIMARY KEY, "group" varchar(100) NULL, "attempt_count" integer NOT NULL, "cluster" varchar(100) NULL);
CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL, "expire_date" datetime NOT NULL);
CREATE TABLE "exports_download" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "at" datetime NOT NULL, "address" char(39) NULL, "user_id" bigint NOT NULL REFERENCES "accounts_user" ("id") DEFERRABLE INITIALLY DEFERRED, "job_id" bigint NOT NULL REFERENCES "exports_exportjob" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "exports_exportevent" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "at" datetime DEFAULT (STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')) NOT NULL, "status" varchar(20) NOT NULL, "attempt" integer unsigned NOT NULL CHECK ("attempt" >= 0), "worker" varchar(128) NOT NULL, "note" text NOT NULL, "job_id" bigint NOT NULL REFERENCES "exports_exportjob" ("id") DEFERRABLE INITIALLY DEFERRED);
INSERT INTO "exports_exportevent" VALUES(1,'2026-11-24 18:20:20.325','ENQUEUED',0,'','Requested by alice@example.com',1);
INSERT INTO "exports_exportevent" VALUES(2,'2026-11-24 18:20:20.373','RUNNING',1,'host:27047','Export started',1);
INSERT INTO "exports_exportevent" VALUES(3,'2026-11-24 18:20:20.628','COMPLETE',1,'host:27047','File published with 42 issues',1);
CREATE TABLE "exports_exportjob" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "status" varchar(20) NOT NULL, "message" text NOT NULL, "submitted_at" datetime DEFAULT (STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')) NOT NULL, "enqueued_at" datetime DEFAULT (STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')) NOT NULL, "notified_at" datetime DEFAULT (STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')) NOT NULL, "started_at" datetime NULL, "finished_at" datetime NULL, "updated_at" datetime DEFAULT (STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')) NOT NULL, "attempt" integer unsigned NOT NULL CHECK ("attempt" >= 0), "lost_attempt_count" integer unsigned NOT NULL CHECK ("lost_attempt_count" >= 0), "worker" varchar(128) NOT NULL, "lease_expires_at" datetime NULL, "is_exclusive" bool NOT NULL, "progress" smallint unsigned NOT NULL CHECK ("progress" >= 0), "filter" text NOT NULL CHECK ((JSON_VALID("filter") OR "filter" IS NULL)), "rows_expected" integer unsigned NULL CHECK ("rows_expected" >= 0), "rows_written" integer unsigned NOT NULL CHECK ("rows_written" >= 0), "snapshot_at" datetime NULL, "formula_guard" bool NOT NULL, "time_zone" varchar(64) NOT NULL, "version" varchar(32) NOT NULL, "file_name" varchar(128) NOT NULL, "bytes" bigint unsigned NULL CHECK ("bytes" >= 0), "sha256" varchar(64) NOT NULL, "expires_at" datetime NULL, "file_removed_at" datetime NULL, "submitted_by_id" bigint NOT NULL REFERENCES "accounts_user" ("id") DEFERRABLE INITIALLY DEFERRED, CONSTRAINT "exportjob_status_is_known" CHECK ("status" IN ('ENQUEUED', 'RUNNING', 'CANCEL_REQUESTED', 'COMPLETE', 'FAILED', 'CANCELLED', 'DEAD')), CONSTRAINT "exportjob_ended_has_finish_time" CHECK ((("finished_at" IS NOT NULL AND "status" IN ('COMPLETE', 'FAILED', 'CANCELLED', 'DEAD')) OR ("finished_at" IS NULL AND "status" IN ('ENQUEUED', 'RUNNING', 'CANCEL_REQUESTED')))), CONSTRAINT "exportjob_running_has_lease" CHECK ((NOT ("status" IN ('RUNNING', 'CANCEL_REQUESTED')) OR ("attempt" > 0 AND "lease_expires_at" IS NOT NULL AND "started_at" IS NOT NULL))), CONSTRAINT "exportjob_progress_is_percent" CHECK ("progress" <= 100), CONSTRAINT "job_complete_has_whole_file" CHECK ((NOT ("status" = 'COMPLETE') OR ("rows_expected" = ("rows_written") AND "rows_expected" IS NOT NULL AND "bytes" IS NOT NULL AND "expires_at" IS NOT NULL AND "progress" = 100 AND "snapshot_at" IS NOT NULL AND NOT ("sha256" = '') AND NOT ("file_name" = '')))));
INSERT INTO "exports_exportjob" VALUES(1,'COMPLETE','','2026-11-24 18:20:20.324','2026-11-24 18:20:20.324','2026-11-24 18:20:20.324','2026-11-24 18:20:20.356','2026-11-24 18:20:20.627','2026-11-24 18:20:20.627',1,0,'host:27047',NULL,0,100,'{}',42,42,'2026-11-24 18:20:20.452311',1,'UTC','0.2.0','1.1.csv',57882,'078002fd1f1dc855f99142a4c38e59bcdf9f91d278e2198273654af68b4e10ba','2026-12-01 18:20:20.627000',NULL,1);
CREATE TABLE "exports_mail" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "kind" varchar(10) NOT NULL, "recipient" varchar(254) NOT NULL, "status" varchar(10) NOT NULL, "message_id" varchar(255) NOT NULL UNIQUE, "attempt" integer unsigned NOT NULL CHECK ("attempt" >= 0), "retry_count" integer unsigned NOT NULL CHECK ("retry_count" >= 0), "next_try_at" datetime DEFAULT (STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')) NOT NULL, "claimed_at" datetime NULL, "reply" text NOT NULL, "created_at" datetime DEFAULT (STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')) NOT NULL, "sent_at" datetime NULL, "provider_id" varchar(255) NOT NULL, "delivery" varchar(32) NOT NULL, "delivery_at" datetime NULL, "delivery_detail" text NOT NULL, "job_id" bigint NOT NULL REFERENCES "exports_exportjob" ("id") DEFERRABLE INITIALLY DEFERRED, CONSTRAINT "mail_sent_has_time" CHECK ((("sent_at" IS NOT NULL AND "status" = 'sent') OR (NOT ("status" = 'sent') AND "sent_at" IS NULL))), CONSTRAINT "mail_sending_has_claim" CHECK ((NOT ("status" = 'sending') OR "claimed_at" IS NOT NULL)));
INSERT INTO "exports_mail" VALUES(1,'ready','alice@example.com','sent','<6239ba86870143e48fd2a4c22c4f654b@localhost>',0,0,'2026-11-24 18:20:20.698',NULL,'','2026-11-24 18:20:20.698','2026-11-24 18:20:20.735784','','',NULL,'',1);
CREATE TABLE "imports_importevent" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "at" datetime DEFAULT (STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')) NOT NULL, "status" varchar(20) NOT NULL, "attempt" integer unsigned NOT NULL CHECK ("attempt" >= 0), "worker" varchar(128) NOT NULL, "note" text NOT NULL, "job_id" bigint NOT NULL REFERENCES "imports_importjob" ("id") DEFERRABLE INITIALLY DEFERRED);
INSERT INTO "imports_importevent" VALUES(1,'2026-11-24 18:20:20.158','ENQUEUED',0,'','Requested by alice@example.com',1);
INSERT INTO "imports_importevent" VALUES(2,'2026-11-24 18:20:20.176','RUNNING',1,'host:27047','Import started',1);
INSERT INTO "imports_importevent" VALUES(3,'2026-11-24 18:20:20.232','COMPLETE',1,'host:27047','2 created, 0 updated',1);
CREATE TABLE "imports_importjob" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "status" varchar(20) NOT NULL, "message" text NOT NULL, "submitted_at" datetime DEFAULT (STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')) NOT NULL, "enqueued_at" datetime DEFAULT (STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')) NOT NULL, "notified_at" datetime DEFAULT (STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')) NOT NULL, "started_at" datetime NULL, "finished_at" datetime NULL, "updated_at" datetime DEFAULT (STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')) NOT NULL, "attempt" integer unsigned NOT NULL CHECK ("attempt" >= 0), "lost_attempt_count" integer unsigned NOT NULL CHECK ("lost_attempt_count" >= 0), "worker" varchar(128) NOT NULL, "lease_expires_at" datetime NULL, "is_exclusive" bool NOT NULL, "progress" smallint unsigned NOT NULL CHECK ("progress" >= 0), "operator" varchar(254) NOT NULL, "file_name" varchar(255) NOT NULL, "bytes" bigint unsigned NULL CHECK ("bytes" >= 0), "options" text NOT NULL CHECK ((JSON_VALID("options") OR "options" IS NULL)), "created_count" integer unsigned NOT NULL CHECK ("created_count" >= 0), "updated_count" integer unsigned NOT NULL CHECK ("updated_count" >= 0), "unchanged_count" integer unsigned NOT NULL CHECK ("unchanged_count" >= 0), "skipped_count" integer unsigned NOT NULL CHECK ("skipped_count" >= 0), "rejected_count" integer unsigned NOT NULL CHECK ("rejected_count" >= 0), "report" text NOT NULL CHECK ((JSON_VALID("report") OR "report" IS NULL)), "rejects" text NOT NULL CHECK ((JSON_VALID("rejects") OR "rejects" IS NULL)), "submitted_by_id" bigint NULL REFERENCES "accounts_user" ("id") DEFERRABLE INITIALLY DEFERRED, CONSTRAINT "importjob_status_is_known" CHECK ("status" IN ('ENQUEUED', 'RUNNING', 'CANCEL_REQUESTED', 'COMPLETE', 'FAILED', 'CANCELLED', 'DEAD')), CONSTRAINT "importjob_ended_has_finish_time" CHECK ((("finished_at" IS NOT NULL AND "status" IN ('COMPLETE', 'FAILED', 'CANCELLED', 'DEAD')) OR ("finished_at" IS NULL AND "status" IN ('ENQUEUED', 'RUNNING', 'CANCEL_REQUESTED')))), CONSTRAINT "importjob_running_has_lease" CHECK ((NOT ("status" IN ('RUNNING', 'CANCEL_REQUESTED')) OR ("attempt" > 0 AND "lease_expires_at" IS NOT NULL AND "started_at" IS NOT NULL))), CONSTRAINT "importjob_progress_is_percent" CHECK ("progress" <= 100));
INSERT INTO "imports_importjob" VALUES(1,'COMPLETE','','2026-11-24 18:20:20.156','2026-11-24 18:20:20.156','2026-11-24 18:20:20.156','2026-11-24 18:20:20.175','2026-11-24 18:20:20.188','2026-11-24 18:20:20.188',1,0,'host:27047',NULL,0,100,'alice@example.com','old.csv',71,'{"archived_date": "2024-02-03", "on_conflict": "update"}',2,0,0,0,0,'["old.csv: 2 created, 0 updated, 0 unchanged, 0 skipped, 0 rejected; 0 NUL characters dropped; 2 issues in 0.0 s (266 a second)"]','[]',1);
CREATE TABLE "jobs_worker" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(128) NOT NULL UNIQUE, "host" varchar(128) NOT NULL, "pid" integer unsigned NOT NULL CHECK ("pid" >= 0), "version" varchar(32) NOT NULL, "started_at" datetime DEFAULT (STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')) NOT NULL, "last_seen_at" datetime DEFAULT (STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')) NOT NULL, "queue_tested_at" datetime NULL);
CREATE TABLE "oauth2_provider_accesstoken" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "token" text NOT NULL, "expires" datetime NOT NULL, "scope" text NOT NULL, "application_id" bigint NULL REFERENCES "oauth2_provider_application" ("id") DEFERRABLE INITIALLY DEFERRED, "user_id" bigint NULL REFERENCES "accounts_user" ("id") DEFERRABLE INITIALLY DEFERRED, "created" datetime NOT NULL, "updated" datetime NOT NULL, "source_refresh_token_id" bigint NULL UNIQUE REFERENCES "oauth2_provider_refreshtoken" ("id") DEFERRABLE INITIALLY DEFERRED, "id_token_id" bigint NULL UNIQUE REFERENCES "oauth2_provider_idtoken" ("id") DEFERRABLE INITIALLY DEFERRED, "token_checksum" varchar(64) NOT NULL UNIQUE, "resource" text NOT NULL CHECK ((JSON_VALID("resource") OR "resource" IS NULL)));
CREATE TABLE "oauth2_provider_application" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "redirect_uris" text NOT NULL, "client_type" varchar(32) NOT NULL, "authorization_grant_type" varchar(44) NOT NULL, "client_secret" varchar(255) NOT NULL, "name" varchar(255) NOT NULL, "user_id" bigint NULL REFERENCES "accounts_user" ("id") DEFERRABLE INITIALLY DEFERRED, "skip_authorization" bool NOT NULL, "created" datetime NOT NULL, "updated" datetime NOT NULL, "algorithm" varchar(5) NOT NULL, "post_logout_redirect_uris" text NOT NULL, "hash_client_secret" bool NOT NULL, "allowed_origins" text NOT NULL, "registration_source" varchar(32) NOT NULL, "cimd_expires_at" datetime NULL, "client_id" varchar(255) NOT NULL UNIQUE);
CREATE TABLE "oauth2_provider_devicegrant" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "device_code" varchar(100) NOT NULL, "user_code" varchar(100) NOT NULL, "interval" integer NOT NULL, "expires" datetime NOT NULL, "status" varchar(64) NOT NULL, "client_id" varchar(100) NOT NULL, "last_checked" datetime NOT NULL, "user_id" bigint NULL REFERENCES "accounts_user" ("id") DEFERRABLE INITIALLY DEFERRED, "scope" text NOT NULL, CONSTRAINT "oauth2_provider_devicegrant_unique_device_code" UNIQUE ("device_code"));
CREATE TABLE "oauth2_provider_grant" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "code" varchar(255) NOT NULL UNIQUE, "expires" datetime NOT NULL, "redirect_uri" text NOT NULL, "scope" text NOT NULL, "application_id" bigint NOT NULL REFERENCES "oauth2_provider_application" ("id") DEFERRABLE INITIALLY DEFERRED, "user_id" bigint NOT NULL REFERENCES "accounts_user" ("id") DEFERRABLE INITIALLY DEFERRED, "created" datetime NOT NULL, "updated" datetime NOT NULL, "code_challenge" varchar(128) NOT NULL, "code_challenge_method" varchar(10) NOT NULL, "nonce" varchar(255) NOT NULL, "claims" text NOT NULL, "resource" text NOT NULL CHECK ((JSON_VALID("resource") OR "resource" IS NULL)));
CREATE TABLE "oauth2_provider_idtoken" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "jti" char(32) NOT NULL UNIQUE, "expires" datetime NOT NULL, "scope" text NOT NULL, "created" datetime NOT NULL, "updated" datetime NOT NULL, "application_id" bigint NULL REFERENCES "oauth2_provider_application" ("id") DEFERRABLE INITIALLY DEFERRED, "user_id" bigint NULL REFERENCES "accounts_user" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "oauth2_provider_refreshtoken" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "token" text NOT NULL, "access_token_id" bigint NULL UNIQUE REFERENCES "oauth2_provider_accesstoken" ("id") DEFERRABLE INITIALLY DEFERRED, "application_id" bigint NOT NULL REFERENCES "oauth2_provider_application" ("id") DEFERRABLE INITIALLY DEFERRED, "user_id" bigint NOT NULL REFERENCES "accounts_user" ("id") DEFERRABLE INITIALLY DEFERRED, "created" datetime NOT NULL, "updated" datetime NOT NULL, "revoked" datetime NULL, "token_family" char(32) NULL, "token_checksum" varchar(64) NOT NULL, "resource" text NOT NULL CHECK ((JSON_VALID("resource") OR "resource" IS NULL)));
CREATE TABLE "rest_framework_api_key_apikey" ("created" datetime NOT NULL, "name" varchar(50) NOT NULL, "revoked" bool NOT NULL, "expiry_date" datetime NULL, "hashed_key" varchar(150) NOT NULL, "prefix" varchar(8) NOT NULL UNIQUE, "id" varchar(150) NOT NULL PRIMARY KEY);
CREATE UNIQUE INDEX "django_content_type_app_label_model_76bd3d3b_uniq" ON "django_content_type" ("app_label", "model");
CREATE UNIQUE INDEX "auth_group_permissions_group_id_permission_id_0cd325b0_uniq" ON "auth_group_permissions" ("group_id", "permission_id");
CREATE INDEX "auth_group_permissions_group_id_b120cbf9" ON "auth_group_permissions" ("group_id");
CREATE INDEX "auth_group_permissions_permission_id_84c5c92e" ON "auth_group_permissions" ("permission_id");
CREATE UNIQUE INDEX "auth_permission_content_type_id_codename_01ab375a_uniq" ON "auth_permission" ("content_type_id", "codename");
CREATE INDEX "auth_permission_content_type_id_2f476e4b" ON "auth_permission" ("content_type_id");
CREATE INDEX "accounts_failedattempts_started_at_848e5450" ON "accounts_failedattempts" ("started_at");
CREATE UNIQUE INDEX "accounts_user_groups_user_id_group_id_59c0b32f_uniq" ON "accounts_user_groups" ("user_id", "group_id");
CREATE INDEX "accounts_user_groups_user_id_52b62117" ON "accounts_user_groups" ("user_id");
CREATE INDEX "accounts_user_groups_group_id_bd11a704" ON "accounts_user_groups" ("group_id");
CREATE UNIQUE INDEX "accounts_user_user_permissions_user_id_permission_id_2ab516c2_uniq" ON "accounts_user_user_permissions" ("user_id", "permission_id");
CREATE INDEX "accounts_user_user_permissions_user_id_e4f0a161" ON "accounts_user_user_permissions" ("user_id");
CREATE INDEX "accounts_user_user_permissions_permission_id_113bb443" ON "accounts_user_user_permissions" ("permission_id");
CREATE INDEX "accounts_apitoken_created_e2abf9de" ON "accounts_apitoken" ("created");
CREATE INDEX "accounts_apitoken_user_id_bbee13e0" ON "accounts_apitoken" ("user_id");
CREATE INDEX "django_admin_log_content_type_id_c4bce8eb" ON "django_admin_log" ("content_type_id");
CREATE INDEX "django_admin_log_user_id_c564eba6" ON "django_admin_log" ("user_id");
CREATE INDEX "account_by_name" ON "archive_account" ("name", "id");
CREATE INDEX "archive_project_lead_id_27d4e939" ON "archive_project" ("lead_id");
CREATE INDEX "issue_by_archived_date" ON "archive_archivedissue" ("archived_date", "id", "affects_version_count", "fix_version_count", "component_count", "label_count");
CREATE INDEX "issue_by_project" ON "archive_archivedissue" ("project_id", "archived_date", "id", "affects_version_count", "fix_version_count", "component_count", "label_count");
CREATE INDEX "issue_by_type" ON "archive_archivedissue" ("issue_type_id", "archived_date", "id", "affects_version_count", "fix_version_count", "component_count", "label_count");
CREATE INDEX "issue_by_reporter" ON "archive_archivedissue" ("reporter_id", "archived_date", "id", "affects_version_count", "fix_version_count", "component_count", "label_count");
CREATE INDEX "issue_by_archived_by" ON "archive_archivedissue" ("archived_by_id", "archived_date", "id", "affects_version_count", "fix_version_count", "component_count", "label_count");
CREATE INDEX "issue_by_all_fields" ON "archive_archivedissue" ("project_id", "issue_type_id", "archived_by_id", "reporter_id", "archived_date", "id");
CREATE INDEX "success_index" ON "django_q_task" ("group", "name", "func") WHERE "success";
CREATE INDEX "exports_exportevent_job_id_0711745c" ON "exports_exportevent" ("job_id");
CREATE INDEX "exports_download_user_id_031f6a05" ON "exports_download" ("user_id");
CREATE INDEX "exports_download_job_id_0dfe53bd" ON "exports_download" ("job_id");
CREATE UNIQUE INDEX "one_active_export" ON "exports_exportjob" ((CASE WHEN "status" IN ('ENQUEUED', 'RUNNING', 'CANCEL_REQUESTED') THEN 1 ELSE NULL END));
CREATE INDEX "exports_exportjob_submitted_by_id_513b4dae" ON "exports_exportjob" ("submitted_by_id");
CREATE INDEX "job_by_person" ON "exports_exportjob" ("submitted_by_id", "id" DESC);
CREATE UNIQUE INDEX "one_mail_per_job_and_kind" ON "exports_mail" ("job_id", "kind");
CREATE INDEX "exports_mail_provider_id_0c76a807" ON "exports_mail" ("provider_id");
CREATE INDEX "exports_mail_job_id_64bf550f" ON "exports_mail" ("job_id");
CREATE INDEX "imports_importevent_job_id_f442ac07" ON "imports_importevent" ("job_id");
CREATE INDEX "imports_importjob_submitted_by_id_207d6390" ON "imports_importjob" ("submitted_by_id");
CREATE UNIQUE INDEX "one_running_import" ON "imports_importjob" ((CASE WHEN "status" IN ('RUNNING', 'CANCEL_REQUESTED') THEN 1 ELSE NULL END));
CREATE INDEX "oauth2_provider_idtoken_application_id_08c5ff4f" ON "oauth2_provider_idtoken" ("application_id");
CREATE INDEX "oauth2_provider_idtoken_user_id_dd512b59" ON "oauth2_provider_idtoken" ("user_id");
CREATE INDEX "oauth2_provider_devicegrant_client_id_229dd06d" ON "oauth2_provider_devicegrant" ("client_id");
CREATE INDEX "oauth2_provider_devicegrant_user_id_1cec5156" ON "oauth2_provider_devicegrant" ("user_id");
CREATE INDEX "oauth2_provider_accesstoken_application_id_b22886e1" ON "oauth2_provider_accesstoken" ("application_id");
CREATE INDEX "oauth2_provider_accesstoken_user_id_6e4c9a65" ON "oauth2_provider_accesstoken" ("user_id");
CREATE INDEX "oauth2_provider_grant_application_id_81923564" ON "oauth2_provider_grant" ("application_id");
CREATE INDEX "oauth2_provider_grant_user_id_e8f62af8" ON "oauth2_provider_grant" ("user_id");
CREATE UNIQUE INDEX "oauth2_provider_refreshtoken_token_checksum_revoked_46c81d1d_uniq" ON "oauth2_provider_refreshtoken" ("token_checksum", "revoked");
CREATE INDEX "oauth2_provider_refreshtoken_application_id_2d1c311b" ON "oauth2_provider_refreshtoken" ("application_id");
CREATE INDEX "oauth2_provider_refreshtoken_user_id_da837fce" ON "oauth2_provider_refreshtoken" ("user_id");
CREATE INDEX "oauth2_provider_application_client_secret_53133678" ON "oauth2_provider_application" ("client_secret");
CREATE INDEX "oauth2_provider_application_user_id_79829054" ON "oauth2_provider_application" ("user_id");
CREATE INDEX "oauth2_prov_token_f_996e8a_idx" ON "oauth2_provider_refreshtoken" ("token_family");
CREATE INDEX "rest_framework_api_key_apikey_created_c61872d9" ON "rest_framework_api_key_apikey" ("created");
CREATE INDEX "django_session_expire_date_a5c62663" ON "django_session" ("expire_date");
CREATE TRIGGER job_ended_stays BEFORE UPDATE OF status ON exports_exportjob
        FOR EACH ROW WHEN OLD.status IN ('COMPLETE', 'FAILED', 'CANCELLED', 'DEAD') AND NEW.status <> OLD.status BEGIN SELECT RAISE(ABORT, 'an ended export never changes its status'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('django_migrations',69);
INSERT INTO "sqlite_sequence" VALUES('django_content_type',33);
INSERT INTO "sqlite_sequence" VALUES('auth_permission',133);
INSERT INTO "sqlite_sequence" VALUES('auth_group',1);
INSERT INTO "sqlite_sequence" VALUES('accounts_user',1);
INSERT INTO "sqlite_sequence" VALUES('django_admin_log',0);
INSERT INTO "sqlite_sequence" VALUES('django_q_schedule',1);
INSERT INTO "sqlite_sequence" VALUES('exports_exportjob',1);
INSERT INTO "sqlite_sequence" VALUES('exports_mail',1);
INSERT INTO "sqlite_sequence" VALUES('imports_importjob',1);
INSERT INTO "sqlite_sequence" VALUES('oauth2_provider_devicegrant',0);
INSERT INTO "sqlite_sequence" VALUES('oauth2_provider_accesstoken',0);
INSERT INTO "sqlite_sequence" VALUES('oauth2_provider_grant',0);
INSERT INTO "sqlite_sequence" VALUES('oauth2_provider_refreshtoken',0);
INSERT INTO "sqlite_sequence" VALUES('oauth2_provider_application',0);
INSERT INTO "sqlite_sequence" VALUES('auth_group_permissions',7);
INSERT INTO "sqlite_sequence" VALUES('archive_account',53);
INSERT INTO "sqlite_sequence" VALUES('archive_issuetype',6);
INSERT INTO "sqlite_sequence" VALUES('archive_project',16);
INSERT INTO "sqlite_sequence" VALUES('imports_importevent',3);
INSERT INTO "sqlite_sequence" VALUES('django_q_ormq',3);
INSERT INTO "sqlite_sequence" VALUES('exports_exportevent',3);
COMMIT;
