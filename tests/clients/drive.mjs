// Drives the portal with the published client jira.js and prints the answers as JSON.
// node drive.mjs 2|3 complete|cancel|refused|unarchive [ISSUE...]
// PORTAL_URL, EMAIL and TOKEN come from the environment.
import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { Version2Client, Version3Client } from "jira.js";

const { PORTAL_URL: host, EMAIL: email, TOKEN: apiToken } = process.env;
const [version, action, ...issueIdsOrKeys] = process.argv.slice(2);
const Client = { 2: Version2Client, 3: Version3Client }[version];
const jira = new Client({ host, authentication: { basic: { email, apiToken } } });

async function complete() {
  const submitted = await jira.issues.exportArchivedIssues({
    archivedDateRange: { dateAfter: "1990-01-01", dateBefore: "2100-01-01" },
  });
  let task = await jira.tasks.getTask(submitted.taskId);
  while (["ENQUEUED", "RUNNING"].includes(task.status)) {
    await setTimeout(100);
    task = await jira.tasks.getTask({ taskId: submitted.taskId });
  }
  const file = await jira.sendRequest({ url: task.result.fileUrl, method: "GET", responseType: "arraybuffer" });
  return { submitted, task, sha256: createHash("sha256").update(Buffer.from(file)).digest("hex") };
}

async function cancel() {
  const submitted = await jira.issues.exportArchivedIssues({});
  await jira.tasks.cancelTask(submitted.taskId);
  return { submitted, task: await jira.tasks.getTask(submitted.taskId) };
}

async function refused() {
  try {
    await jira.issues.exportArchivedIssues({ projects: ["NO-SUCH-PROJECT"] });
  } catch (error) {
    return { status: error.response?.status ?? error.status, body: error.response?.data ?? error };
  }
}

async function unarchive() {
  return jira.issues.unarchiveIssues({ issueIdsOrKeys });
}

console.log(JSON.stringify(await { complete, cancel, refused, unarchive }[action]()));
