/** Moves on to the page itself with what the address brought along, leaving no trace in the history. */

location.replace(`/${location.hash}`);
