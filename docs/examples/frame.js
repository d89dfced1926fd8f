/** Shows a page of another site that scans; its address comes with this one's, as `#https://…`. */

document.querySelector("iframe").src = location.hash.slice(1);
