// SPDX-License-Identifier: Apache-2.0
// A receiver of OTLP over HTTP: PORT. What it is sent it prints, a line each: method, path, Content-Type and the body in base64.
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';

createServer(async (request, response) => {
  const sent = Buffer.concat(await request.toArray());
  const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
  response.end(() =>
    process.stdout.write(
      `${request.method} ${request.url} ${request.headers['content-type']} ${body.toString('base64')}\n`,
    ),
  );
}).listen(Number(process.argv[2]), '127.0.0.1');
