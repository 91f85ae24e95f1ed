// Part of `refgen serve` only: reloads the page when there is a new release, and
// shows why there is none.
//
// Browsers open six connections to a host and no more, so that a stream for each
// tab would leave nothing for the seventh. Where the browser has Web Locks, one
// tab holds the stream and passes updates on to the others; the next one takes
// over when it is closed. Web Locks need a secure context, which plain HTTP from
// another machine is not: there each tab has a stream while it can be seen.
{
  const here = document.currentScript;
  const address = (name) => new URL(name, here.src);
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

  const handle = (update) => {
    if (update.release !== release) location.reload();
    show(update.error);
  };

  let stream;
  const listen = (pass) => {
    stream ??= new EventSource(address("events"));
    stream.onmessage = (event) => {
      const update = JSON.parse(event.data);
      pass?.(update);
      handle(update);
    };
    // A connection that fails is tried again by the browser, an answer that is no
    // stream, as a proxy gives it while the server starts, is not.
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

  // What was said before this page listened, or while it was not looked at.
  const ask = async () => {
    try {
      handle(await (await fetch(address("update"))).json());
    } catch {
      // The server is gone, or the page is: the stream will tell.
    }
  };

  // A page that is left may stay in the browser's memory. It must not keep the
  // lock from others; if it comes back, it begins anew.
  const left = new AbortController();
  window.addEventListener("pagehide", () => {
    left.abort();
    stop();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  if (navigator.locks && window.BroadcastChannel) {
    const name = address("events").pathname;
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
