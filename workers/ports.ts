import { connect, createServer } from "node:net";

const HOST = "127.0.0.1";

/** `wanted` if nothing listens there, else a port the system chooses. */
export async function freePort(wanted: number): Promise<number> {
  return (await listenBriefly(wanted)) ?? (await listenBriefly(0)) ?? wanted;
}

function listenBriefly(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => {
      resolve(null);
    });
    probe.listen(port, HOST, () => {
      const address = probe.address();
      probe.close(() => {
        resolve(typeof address === "object" && address !== null ? address.port : null);
      });
    });
  });
}

/** Whether something accepts connections there. */
export function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const ends = { connect: true, error: false, timeout: false };
    for (const [event, open] of Object.entries(ends)) {
      socket.once(event, () => {
        socket.destroy();
        resolve(open);
      });
    }
  });
}
