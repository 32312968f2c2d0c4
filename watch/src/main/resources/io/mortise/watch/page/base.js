// @ts-check
"use strict";
/** What all parts of the page use: elements, rows, words, times. */
var Watch = (function () {
  /**
   * Makes an element. Texts become text, never markup: what is shown was chosen by others.
   * @param {string} name tag, with classes: "div.card.root"
   * @param {Object<string, any>} [attributes] those that begin with "on" are listeners
   * @param {...any} children elements and texts; null is left out
   * @returns {HTMLElement}
   */
  function h(name, attributes, ...children) {
    const [tag, ...classes] = name.split(".");
    const element = document.createElement(tag);
    if (classes.length) element.className = classes.join(" ");
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value === true && !key.startsWith("aria-")) element.setAttribute(key, "");
      else if ((value !== false || key.startsWith("aria-")) && value !== null && value !== undefined) element.setAttribute(key, String(value));
    }
    for (const child of children.flat(4)) {
      if (child !== null && child !== undefined && child !== "") element.append(child);
    }
    return element;
  }

  /**
   * The same for SVG.
   * @param {string} tag
   * @param {Object<string, any>} attributes
   * @param {...any} children
   * @returns {SVGElement}
   */
  function s(tag, attributes, ...children) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value !== null && value !== undefined) element.setAttribute(key, String(value));
    }
    element.append(...children.flat().filter((child) => child !== null));
    return element;
  }

  /** @param {string} id @returns {HTMLElement} */
  function $(id) {
    return /** @type {HTMLElement} */ (document.getElementById(id));
  }

  /**
   * Rows as they are sent, as objects.
   * @param {{columns: string[], rows: any[][]}} sent
   * @returns {any[]}
   */
  function rows(sent) {
    if (!sent) return [];
    return sent.rows.map((row) => Object.fromEntries(sent.columns.map((column, i) => [column, row[i]])));
  }

  /** @param {number} millis @returns {string} 40 ms, 0.4 s, 12 s, 3 min 5 s, 2 h 10 min */
  function lasted(millis) {
    const seconds = Math.max(0, millis) / 1000;
    if (seconds > 0 && seconds < 0.1) return Math.round(seconds * 1000) + " ms";
    if (seconds < 1) return Math.round(seconds * 10) / 10 + " s";
    if (seconds < 120) return Math.floor(seconds) + " s";
    if (seconds < 7200) return Math.floor(seconds / 60) + " min " + Math.floor(seconds % 60) + " s";
    return Math.floor(seconds / 3600) + " h " + Math.floor((seconds % 3600) / 60) + " min";
  }

  const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const SHORT = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const time = (/** @type {number} */ at) => CLOCK.format(at);
  const minute = (/** @type {number} */ at) => SHORT.format(at);

  /** @param {number} n @param {string} one @param {string} [many] */
  function count(n, one, many) {
    return n + " " + (n === 1 ? one : many || one + "s");
  }

  /**
   * What somebody waits for, in words, from the system's words.
   * @param {string|null} text "EX ROW PUBLIC.ACCOUNTS(ID=1008)"
   * @returns {{wants: string, what: string, system: string}}
   */
  function target(text) {
    const whole = text || "";
    if (whole.startsWith("the statement slot")) {
      return { wants: "waits for the statement before it on", what: whole.replace("the statement slot of ", ""), system: "" };
    }
    const found = /^(SH|EX)(?: (TAB|ROW|SYS))? ?([^]*)$/.exec(whole);
    if (!found) return { wants: "wants", what: place(whole), system: "" };
    const wants = !found[2] ? (found[1] === "EX" ? "wants" : "wants to share")
      : found[1] === "EX" ? (found[2] === "ROW" ? "wants to change" : "wants sole use of") : "wants to read";
    return { wants, what: place(found[3]), system: (found[1] + " " + (found[2] || "")).trim() };
  }

  /** @param {string} text "PUBLIC.ACCOUNTS(ID=1008)" @returns {string} "ACCOUNTS ID=1008" */
  function place(text) {
    return text.replace(/^PUBLIC\./, "").replace(/\(([^]*)\)$/, " $1");
  }

  /** A row of a table with its key. @param {any} row @returns {string} */
  function targetOf(row) {
    if (row.TARGET_KIND === "ADVISORY") return "name '" + (row.ROW_KEY || "hidden") + "'";
    if (row.TARGET_KIND === "STATEMENT_SLOT") return "the statement before it";
    const schema = row.SCHEMA_NAME && row.SCHEMA_NAME !== "PUBLIC" ? row.SCHEMA_NAME + "." : "";
    const table = row.TABLE_NAME ? schema + row.TABLE_NAME : row.SCHEMA_NAME || row.TARGET_KIND.toLowerCase();
    return table + (row.ROW_KEY ? " " + row.ROW_KEY : "");
  }

  /** Of what is a whole, and has no rows that one could change or read. */
  const WHOLE = /^(SYSTEM|DATABASE|SCHEMA|TABLE|FACET)$/;

  /** A lock mode in words. @param {string} mode @param {string} kind of what is locked */
  function held(mode, kind) {
    if (kind === "ADVISORY") return mode === "X" ? "has" : "shares";
    if (mode === "X" && WHOLE.test(kind)) return "has sole use of";
    return { X: "has changed", S: "has read", IS: "reads in", IX: "changes in", SIX: "has read all, changes in" }[mode] || mode;
  }

  /** @param {string} mode @param {string} kind */
  function wanted(mode, kind) {
    if (kind === "ADVISORY") return mode === "X" ? "wants" : "wants to share";
    if (mode === "X" && WHOLE.test(kind)) return "wants sole use of";
    return { X: "wants to change", S: "wants to read", IS: "wants to read in", IX: "wants to change in", SIX: "wants all of" }[mode] || mode;
  }

  /** Whose it is: a session's, or a branch's that a session has prepared and left. @param {any} node @param {number} id */
  function who(node, id) {
    return node && node.branch && node.state === "IN DOUBT" ? "Branch " + node.branch : "Session " + id + (node && node.name ? " " + node.name : "");
  }

  /** Of eight quiet colours, that of a session: the same wherever it stands. @param {number} session */
  function hue(session) {
    return "hue-" + (((session % 8) + 8) % 8);
  }

  /** @param {string} text @param {HTMLElement} button */
  async function copy(text, button) {
    const said = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch (denied) {
      const area = h("textarea", {});
      /** @type {HTMLTextAreaElement} */ (area).value = text;
      document.body.append(area);
      /** @type {HTMLTextAreaElement} */ (area).select();
      document.execCommand("copy");
      area.remove();
    }
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = said), 1500);
  }

  return { h, s, $, rows, lasted, time, minute, count, target, place, targetOf, held, wanted, who, hue, copy };
})();
