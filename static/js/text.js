/**
 * How long a text is: the code points that are left once the server has cleaned it
 * (`config/text.py`). Browsers' own `maxlength` counts UTF-16 units, where an emoji is two.
 */

// What the server takes out: turns of the direction, byte order marks, annotations, halves of
// surrogate pairs, noncharacters.
const NO_TEXT =
  /[\u202a-\u202e\u2066-\u2069\u206a-\u206f\ufeff\ufff9-\ufffb\p{Cs}\p{Noncharacter_Code_Point}]/gu;
const INVISIBLE = /^[\s\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/**
 * The length of several lines, as in a post.
 *
 * @param {string} text
 */
export function lengthOfLines(text) {
  return lengthOf(text.replaceAll("\r\n", "\n"));
}

/**
 * The length of one line, as in a name: each run of blanks is one.
 *
 * @param {string} text
 */
export function lengthOfLine(text) {
  return lengthOf(text.replace(NO_TEXT, "").replace(/[\s\p{Cc}]{2,}/gu, " "));
}

/** @param {string} text */
function lengthOf(text) {
  // Each control but a line end is a blank there.
  const seen = text
    .replace(NO_TEXT, "")
    .replace(/\p{Cc}/gu, " ")
    .trim();
  return INVISIBLE.test(seen) ? 0 : [...seen].length;
}

/**
 * The attributes of a field of at most `most` code points. A browser without our scripts still
 * stops at the second.
 *
 * @param {number} most
 */
export const atMost = (most) => ({
  "data-max-chars": most,
  maxlength: 2 * most,
});
