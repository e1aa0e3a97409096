// @ts-check
/** Fleets: looking at them, and the form of a new one. */

import "../shared.js";
import "./form.js";
import "./player.js";
