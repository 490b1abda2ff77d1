// What a program does that was written for Black Forest Labs with the AI SDK: another base URL, nothing else.
import fs from 'node:fs';
import { createBlackForestLabs } from '@ai-sdk/black-forest-labs';
import { generateImage } from 'ai';

const [url, photo] = process.argv.slice(2);
const provider = createBlackForestLabs({
  baseURL: `${url}/v1`,
  apiKey: process.env.KONTEXT_KEY ?? 'none',
  pollIntervalMillis: 50,
});
const seen = {};

const generated = await generateImage({
  model: provider.image('flux-kontext-pro'),
  prompt: 'a red circle on a white background',
  aspectRatio: '1:1',
  seed: 7,
});
seen.generated = { file: generated.image.base64, type: generated.image.mediaType };
seen.metadata = generated.providerMetadata.blackForestLabs.images[0];

const edited = await generateImage({
  model: provider.image('flux-kontext-max'),
  prompt: { text: 'make the background pink', images: [fs.readFileSync(photo)] },
  seed: 7,
  providerOptions: { blackForestLabs: { outputFormat: 'png', steps: 8, safetyTolerance: 2, promptUpsampling: false } },
});
seen.edited = { file: edited.image.base64, type: edited.image.mediaType };

try {
  await generateImage({ model: provider.image('flux-kontext-dev'), prompt: '', maxRetries: 0 });
} catch (error) {
  seen.error = { name: error.name, status: error.statusCode, message: error.message };
}
console.log(JSON.stringify(seen));
