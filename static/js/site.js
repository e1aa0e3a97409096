// @ts-check
/** What every page runs. The code of an area comes when it is needed (static/js/areas.js). */

import "./shared.js";
import "./shell.js";
import "./push.js";
import "./compose/main.js";
import "./gallery.js";
import "./compose/shrink.js";
import "./areas.js";
