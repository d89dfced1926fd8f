"""What a page can try, in JavaScript: each way, and what the page hears of it."""

from __future__ import annotations

import re

WAYS = """async () => {
    const target = "TARGET", short = (ms) => new Promise(done => setTimeout(done, ms, "waits"));
    const told = (what) => new Promise((done) => {
        what.onload = what.onopen = what.onmessage = () => done("works");
        what.onerror = () => done("fails");
    });
    const add = (name, parts) => document.body.appendChild(
        Object.assign(document.createElement(name), parts));
    const ask = (path, options) => fetch(target + path, options).then(() => "works", () => "fails");
    const framed = (parts) => { add("iframe", parts); return short(1); };
    const posted = () => {
        add("iframe", {name: "posted"});
        const form = add("form", {method: "post", action: target + "/form", target: "posted"});
        form.submit();
        return short(1);
    };
    const working = () => {
        const text = `fetch("${target}/worker").then(() => postMessage(1), () => close())`;
        const address = URL.createObjectURL(new Blob([text], {type: "text/javascript"}));
        return told(new Worker(address));
    };
    const sandbox = `<script>fetch("${target}/sandbox")</` + "script>";
    const ways = {
        cors: () => ask("/cors"),
        nocors: () => ask("/nocors", {mode: "no-cors"}),
        post: () => ask("/post", {method: "POST", mode: "no-cors", body: "x"}),
        image: () => told(add("img", {src: target + "/image"})),
        script: () => told(add("script", {src: target + "/script"})),
        events: () => told(new EventSource(target + "/events")),
        beacon: () => { navigator.sendBeacon(target + "/beacon", "x"); return short(1); },
        frame: () => framed({src: target + "/frame"}),
        form: posted,
        worker: working,
        sandbox: () => framed(
            {sandbox: "allow-scripts", allow: "loopback-network", srcdoc: sandbox}),
        socket: () => told(new WebSocket(target.replace("http", "ws") + "/socket")),
    };
    const heard = {};
    await Promise.all(Object.entries(ways).map(async ([name, way]) => {
        heard[name] = await Promise.race([way(), short(2500)]);
    }));
    await short(500);
    return heard;
}"""
"""Tries all at once; says of each whether it works, fails or waits."""

ALL = frozenset(re.findall(r"^        ([a-z]+): ", WAYS, re.MULTILINE))
"""The names of all ways; each is also the path that it asks for."""


def at(target: str) -> str:
    """Return the attempt on one target."""
    return WAYS.replace("TARGET", target)
