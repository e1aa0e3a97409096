// @ts-check
/**
 * What both every page and the areas use. Each area imports it first, so that the joined scripts
 * (config/http/joined_scripts.py) have it in one file, and not in one for each pair that shares.
 */

import "./announcer.js";
import "./csrf.js";
import "./dom.js";
import "./i18n.js";
import "./keys.js";
import "./local_times.js";
import "./navigate.js";
import "./net/person_socket.js";
import "./net/server_clock.js";
import "./room/outside.js";
import "./text.js";
import "./toasts.js";
import "./voice/player.js";
