// The reference server of tus, with files in a folder.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [place, folder, port] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${place}/package.json`));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { Server } = await load("@tus/server");
const { FileStore } = await load("@tus/file-store");

const tus = new Server({
  path: "/files",
  datastore: new FileStore({ directory: folder }),
  relativeLocation: true,
  onIncomingRequest: async (request) => {
    if (request.headers.get("authorization") !== "Bearer hunter2") {
      throw { status_code: 401, body: "Who are you?" };
    }
  },
});
const server = createServer((request, response) => tus.handle(request, response));
server.listen(Number(port), "127.0.0.1");
