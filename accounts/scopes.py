"""What a token may be allowed to do, in Jira's names for it."""

READ, WRITE = "read:jira-work", "write:jira-work"
SCOPES = {
    READ: "Ask for exports, follow them and download their files",
    WRITE: "Cancel exports",
}
