// @ts-check
/** Voice clips on any page: players and recorders. */

import "./player.js";
import "./recorder.js";
