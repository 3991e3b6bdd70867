// Drives the portal with the published client jira.js; prints what it was told as JSON.
// node drive.mjs complete|cancel|refused: PORTAL_URL, EMAIL and TOKEN from the environment.
import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { Version3Client } from "jira.js";

const { PORTAL_URL: host, EMAIL: email, TOKEN: apiToken } = process.env;
const jira = new Version3Client({ host, authentication: { basic: { email, apiToken } } });

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
    return { status: error.response?.status ?? error.status, told: error.response?.data ?? error };
  }
}

console.log(JSON.stringify(await { complete, cancel, refused }[process.argv[2]]()));
