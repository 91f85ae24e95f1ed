// Part of `refgen serve` only: reloads the page after a new release, and shows the error
// that prevented one.
//
// Browsers open at most six connections to a host, so that six tabs with a stream each
// would block all others. Where the browser has Web Locks, one tab holds the stream and
// forwards updates to the others; when it is closed, another one acquires the lock. Web
// Locks need a secure context, which plain HTTP from another machine is not: there, each
// tab has a stream while it is visible.
{
  const here = document.currentScript;
  const url = (name) => new URL(name, here.src);
  const { release } = here.dataset;
  let banner;

  const show = (text) => {
    banner?.remove();
    banner = undefined;
    if (!text) return;
    banner = document.createElement("pre");
    banner.setAttribute("role", "alert");
    banner.textContent = `The last change was not published:\n${text}`;
    Object.assign(banner.style, {
      position: "fixed", inset: "auto 0 0 0", margin: 0, padding: "1rem", zIndex: 2147483647, maxHeight: "40vh", overflow: "auto",
      background: "#7a1212", color: "#fff", font: "14px/1.5 monospace", whiteSpace: "pre-wrap",
    });
    document.body.append(banner);
  };

  let handled = 0;
  const handle = (update) => {
    handled++;
    if (update.release !== release) location.reload();
    show(update.error);
  };

  let stream;
  const listen = (pass) => {
    stream ??= new EventSource(url("events"));
    stream.onmessage = (event) => {
      const update = JSON.parse(event.data);
      pass?.(update);
      handle(update);
    };
    // The browser reconnects after a network error, but not after a response that is
    // not a stream, such as a proxy's while the server starts.
    stream.onerror = () => {
      if (stream?.readyState !== EventSource.CLOSED) return;
      stop();
      setTimeout(listen, 3000, pass);
    };
  };
  const stop = () => {
    stream?.close();
    stream = undefined;
  };

  // Fetches an update that was sent before this page listened, or while it was hidden. One
  // that came in the meantime is newer.
  const ask = async () => {
    const before = handled;
    try {
      const update = await (await fetch(url("update"), { cache: "no-store" })).json();
      if (handled === before) handle(update);
    } catch {
      // The server or the page is gone; the stream reconnects on its own.
    }
  };

  // A page in the back/forward cache must not hold the lock. When it is restored, it
  // reloads.
  const left = new AbortController();
  window.addEventListener("pagehide", () => {
    left.abort();
    stop();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  if (navigator.locks && window.BroadcastChannel) {
    const name = url("events").pathname;
    const channel = new BroadcastChannel(name);
    channel.onmessage = (event) => handle(event.data);
    const hold = () => {
      listen((update) => channel.postMessage(update));
      return new Promise((release) => left.signal.addEventListener("abort", release));
    };
    navigator.locks.request(name, { signal: left.signal }, hold).catch(() => {}); // the page was left
    ask();
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) ask();
    });
  } else {
    const follow = () => (document.hidden ? stop() : listen());
    document.addEventListener("visibilitychange", follow);
    follow();
  }
}
