// What a receiver of webhooks does: verifies what it is sent with the library of Standard Webhooks. It answers five times as if it
// were down. Prints what it saw as JSON.
import http from 'node:http';
import { once } from 'node:events';
import { Webhook } from 'standardwebhooks';

const Failures = 5;
const Quiet = 1500; // Longer than any pause of the server under test: what would come twice has come.

const [url] = process.argv.slice(2);
const secret = `whsec_${Buffer.from('a key that the test has made').toString('base64')}`;
const verifier = new Webhook(secret);
const seen = { ids: [], accepted: [], refused: [] };
let taken;
const done = new Promise((resolve) => (taken = resolve));

const server = http.createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks).toString('utf8');
  seen.ids.push(request.headers['webhook-id']);
  if (seen.ids.length <= Failures) {
    response.writeHead(503).end('not now');
    return;
  }
  try {
    seen.accepted.push(verifier.verify(body, request.headers));
  } catch (error) {
    seen.refused.push(error.message);
  }
  for (const [changed, headers] of [
    [body.replace('succeeded', 'cancelled'), request.headers],
    [body, { ...request.headers, 'webhook-id': 'msg_other' }],
  ]) {
    try {
      verifier.verify(changed, headers);
      seen.refused.push('What was changed is verified.');
    } catch {
      // As it should be.
    }
  }
  response.writeHead(204).end();
  taken();
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

const answer = await fetch(`${url}/v1/jobs`, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({
    prompt: 'a red circle',
    steps: 2,
    webhook: { url: `http://127.0.0.1:${server.address().port}/ended`, secret },
  }),
});
seen.job = await answer.json();
await done;
await new Promise((resolve) => setTimeout(resolve, Quiet));
server.close();
console.log(JSON.stringify(seen));
