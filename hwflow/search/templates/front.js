"use strict";
(() => {
  const data = JSON.parse(document.getElementById("points").textContent), told = document.getElementById("told");
  const width = 520, height = 340, left = 56, right = 14, top = 18, foot = 40;
  const make = (name, attributes, words) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (words !== undefined) node.textContent = words;
    return node;
  };
  const short = (value) => value >= 1e6 ? value / 1e6 + "M" : value >= 1e4 ? value / 1e3 + "k" : String(+value.toPrecision(3));
  const tell = (point, event) => {
    const choices = data.choices[point.trial];
    told.replaceChildren();
    const head = document.createElement("b");
    head.textContent = "Point " + point.number;
    told.append(head);
    for (const line of [point.said, Object.keys(choices).map((name) => name + " " + choices[name]).join(", ")]) {
      const part = document.createElement("div");
      part.textContent = line;
      told.append(part);
    }
    told.hidden = false;
    const place = event.clientX === undefined || !event.clientX ? event.target.getBoundingClientRect() : { left: event.clientX, top: event.clientY };
    told.style.left = Math.max(4, Math.min(place.left + 14, innerWidth - told.offsetWidth - 8)) + "px";
    told.style.top = Math.max(4, Math.min(place.top + 14, innerHeight - told.offsetHeight - 8)) + "px";
  };
  const ticks = (low, high) => {
    const found = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
      for (const digit of [1, 2, 5]) {
        const value = digit * 10 ** power;
        if (value >= low * 0.999 && value <= high * 1.001) found.push(value);
      }
    return found.length > 8 ? found.filter((value) => String(+value.toPrecision(1)).replace(/[.0]/g, "").startsWith("1")) : found;
  };
  const draw = (id, name, title, room) => {
    const svg = document.getElementById(id), points = data.points;
    if (!points.length) return;
    const values = points.map((point) => point[name]).concat(room ? [room] : []), heights = points.map((point) => point.accuracy);
    const low = Math.min(...values) / 1.1, high = Math.max(...values) * 1.1;
    const span = Math.max(Math.max(...heights) - Math.min(...heights), 0.001);
    const least = Math.max(0, Math.min(...heights) - span * 0.05), most = Math.min(1, Math.max(...heights) + span * 0.05);
    const x = (value) => left + (width - left - right) * Math.log(value / low) / Math.log(high / low);
    const y = (value) => height - foot - (height - foot - top) * (value - least) / (most - least || 1);
    for (const value of ticks(low, high)) {
      svg.append(make("path", { class: "grid", d: `M${x(value)} ${top}V${height - foot}` }));
      svg.append(make("text", { x: x(value), y: height - foot + 16, "text-anchor": "middle" }, short(value)));
    }
    for (let i = 0; i <= 4; i++) {
      const value = least + (most - least) * i / 4;
      svg.append(make("path", { class: "grid", d: `M${left} ${y(value)}H${width - right}` }));
      svg.append(make("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, (100 * value).toFixed(most - least < 0.05 ? 2 : 1) + " %"));
    }
    svg.append(make("text", { x: width - right, y: height - 6, "text-anchor": "end" }, title));
    if (room) {
      svg.append(make("path", { class: "room", d: `M${x(room)} ${top}V${height - foot}` }));
      svg.append(make("text", { class: "room-word", x: x(room) - 5, y: top + 11, "text-anchor": "end" }, "room of " + data.board));
    }
    let steps = "", best = -1;
    for (const point of [...points].sort((a, b) => a[name] - b[name] || b.accuracy - a.accuracy))
      if (point.accuracy > best) {
        steps += steps ? `H${x(point[name])}V${y(point.accuracy)}` : `M${x(point[name])} ${y(point.accuracy)}`;
        best = point.accuracy;
      }
    svg.append(make("path", { class: "steps", d: steps }));
    for (const point of [...points].sort((a, b) => a.best - b.best)) {
      const dot = make("circle", { cx: x(point[name]), cy: y(point.accuracy), r: point.best ? 5 : 3.5, "data-point": point.number });
      if (point.best) {
        dot.setAttribute("class", "best");
        dot.setAttribute("tabindex", 0);
        dot.setAttribute("aria-label", "Point " + point.number + ": " + point.said);
      }
      for (const event of ["mousemove", "focus"]) dot.addEventListener(event, (happened) => tell(point, happened));
      for (const event of ["mouseleave", "blur"]) dot.addEventListener(event, () => { told.hidden = true; });
      svg.append(dot);
    }
  };
  draw("by-luts", "luts", "LUTs, estimated", data.room);
  draw("by-latency", "latency", "latency in µs, predicted", data.late);
})();
