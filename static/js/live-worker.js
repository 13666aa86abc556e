// One event stream for all pages of this browser. It lives as long as a page does; the browser ends it with the last. Where there are no workers
// this runs in the page, for that page alone.
const ports = new Set();
let source = null;
let stream = "";
let wait = 1000;
let online; // nobody knows before the first answer

self.onconnect = (e) => {
  const port = e.ports[0];
  port.onmessage = ({ data }) => {
    if (data.leave) {
      ports.delete(port);
      if (ports.size > 0) return;
      close();
      online = undefined;
      return;
    }
    ports.add(port);
    stream = data.stream;
    if (online !== undefined) port.postMessage({ online });
    if (source) port.postMessage({ ring: { hello: true } }); // what rang while the page was on its way
    else open();
  };
};

function open() {
  source = new EventSource(stream);
  source.addEventListener("ring", (e) => tell({ ring: JSON.parse(e.data) }));
  source.onopen = () => {
    wait = 1000;
    tell({ online: true });
  };
  source.onerror = () => {
    tell({ online: false });
    if (source?.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    close();
    tell({ ring: { hello: true } }); // refused: who asks is told why, as that the session has ended
    setTimeout(() => ports.size > 0 && !source && open(), wait);
    wait = Math.min(wait * 2, 60000);
  };
}

function close() {
  source?.close();
  source = null;
}

function tell(message) {
  online = message.online ?? online;
  for (const port of ports) port.postMessage(message);
}
