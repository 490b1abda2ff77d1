// What a program does that was written for OpenAI: its own client, another base URL. Prints what it saw as JSON.
import { File } from 'node:buffer';
import fs from 'node:fs';
globalThis.File ??= File; // Node.js 18 has it here only.
const { default: OpenAI, toFile } = await import('openai');

const [url, photo] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: process.env.KONTEXT_KEY ?? 'none', maxRetries: 0 });
const seen = {};

const models = await client.models.list();
seen.models = models.data.map((model) => model.id);
seen.model = await client.models.retrieve('kontext-tiny');

const generated = await client.images.generate({
  model: 'kontext-tiny',
  prompt: 'a red circle on a white background',
  n: 2,
  size: '64x64',
  output_format: 'webp',
});
seen.generated = generated.data.map((image) => image.b64_json);
seen.usage = generated.usage;

const linked = await client.images.generate({ prompt: 'a red circle', response_format: 'url' });
seen.linked = linked.data[0].url;

const file = await toFile(fs.createReadStream(photo), 'photo.png', { type: 'image/png' });
const edited = await client.images.edit({ image: file, prompt: 'make the background pink' });
seen.edited = edited.data.map((image) => image.b64_json);

const two = [file, await toFile(fs.readFileSync(photo), 'other.png', { type: 'image/png' })];
const many = await client.images.edit({ image: two, prompt: 'make the background pink', size: '64x64', n: 1 });
seen.many = many.data.map((image) => image.b64_json);

seen.events = [];
const stream = await client.images.generate({
  prompt: 'a blue square on a white background',
  stream: true,
  partial_images: 2,
  steps: 200, // A field of ours: long enough for somebody to watch.
});
for await (const event of stream) seen.events.push(event);

seen.editEvents = [];
const edits = await client.images.edit({
  image: file,
  prompt: 'make the background green',
  stream: true,
  partial_images: 2,
  steps: 200,
});
for await (const event of edits) seen.editEvents.push(event);

const failure = async (call) => {
  try {
    await call();
    return null;
  } catch (error) {
    return { name: error.constructor.name, status: error.status, code: error.code, type: error.type, param: error.param };
  }
};
seen.errors = {
  empty: await failure(() => client.images.generate({ prompt: '' })),
  model: await failure(() => client.images.generate({ prompt: 'x', model: 'dall-e-9' })),
  size: await failure(() => client.images.generate({ prompt: 'x', size: '1x1' })),
  mask: await failure(() => client.images.edit({ image: file, mask: file, prompt: 'x' })),
  unknown: await failure(() => client.models.retrieve('dall-e-9')),
};
console.log(JSON.stringify(seen));
