/** A bitmap font for images that are drawn without a browser: Misc-Fixed 6x13 of the X Window System (public domain). */

/** Pixels from one character to the next. */
export const GLYPH_WIDTH = 6;
/** Rows of a character. */
export const GLYPH_HEIGHT = 13;

const FIRST = 32;
const LAST = 126;
const FALLBACK = "?";

/** ASCII 32..126, 13 rows per character from top to bottom; a row is one base64 digit: six bits, the pixels from left to right. */
const GLYPHS = [
  "AAAAAAAAAAAAAAAIIIIIIIAIAAAAUUUAAAAAAAAAAAUU+U+UUAAAAAIeoocKK8IAAAASqUEIQUqkAAAAAQooQomkaAAAAIIIAAAAAAAA",
  "AEIIQQQQQIIEAAQIIEEEEEIIQAAAIqcqIAAAAAAAAAAII+IIAAAAAAAAAAAAAMIQAAAAAAA+AAAAAAAAAAAAAAAIcIAAACCEEIQQggAA",
  "AAIUiiiiiUIAAAAIYoIIIII+AAAAciiCEIQg+AAAA+CEIcCCicAAAAEEMUUk+EEAAAA+ggsyCCicAAAAcigg8iiicAAAA+CEEIIQQQAA",
  "AAciiiciiicAAAAciiieCCicAAAAAAIcIAAIcIAAAAAIcIAAMIQAAACEIQgQIECAAAAAAA+AA+AAAAAAgQIECEIQgAAAAciiCEIIAIAA",
  "AAciimqqsgeAAAAIUiii+iiiAAAA8SSScSSS8AAAAcigggggicAAAA8SSSSSSS8AAAA+ggg8ggg+AAAA+ggg8ggggAAAAcigggmiicAA",
  "AAiiii+iiiiAAAAcIIIIIIIcAAAAOEEEEEEkYAAAAiikowokiiAAAAgggggggg+AAAAii2qqiiiiAAAAiyyqqmmiiAAAAciiiiiiicAA",
  "AA8iii8ggggAAAAciiiiiiqcCAAA8iii8okiiAAAAciggcCCicAAAA+IIIIIIIIAAAAiiiiiiiicAAAAiiiiUUUIIAAAAiiiiqqqqUAA",
  "AAiiUUIUUiiAAAAiiUUIIIIIAAAA+CEEIQQg+AAAcQQQQQQQQQcAAAggQQIEECCAAAcEEEEEEEEEcAAAIUiAAAAAAAAAAAAAAAAAAA+A",
  "AIEAAAAAAAAAAAAAAAcCeimaAAAAggg8iiii8AAAAAAAciggicAAAACCCeiiiieAAAAAAAci+gicAAAAMSQQ8QQQQAAAAAAAciiieCic",
  "AAgggsyiiiiAAAAAIAYIIIIcAAAAAEAMEEEEkkYAAgggkowokiAAAAYIIIIIIIcAAAAAAA0qqqqiAAAAAAAsyiiiiAAAAAAAciiiicAA",
  "AAAAA8iii8gggAAAAAeiiieCCCAAAAAsyggggAAAAAAAciYEicAAAAAQQ8QQQSMAAAAAAAiiiimaAAAAAAAiiiUUIAAAAAAAiiqqqUAA",
  "AAAAAiUIIUiAAAAAAAiiimaCicAAAAA+EIQg+AAAGIIIIwIIIIGAAAIIIIIIIIIAAAwIIIIGIIIIwAAASqkAAAAAAAA",
].join("");

const ROWS: Uint8Array = Uint8Array.from(GLYPHS, (digit) => {
  const code = digit.charCodeAt(0);
  if (code >= 97) return code - 71; // a..z
  if (code >= 65) return code - 65; // A..Z
  if (code >= 48) return code + 4; // 0..9
  return code === 43 ? 62 : 63; // + and /
});

/** The text with plain letters in place of accented ones. */
export function withoutAccents(text: string): string {
  return text.normalize("NFD").replaceAll(/\p{Mark}/gu, "");
}

/** The text in characters of the font: accents are removed, other characters become question marks. */
export function drawable(text: string): string {
  return Array.from(withoutAccents(text), (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code >= FIRST && code <= LAST ? character : FALLBACK;
  }).join("");
}

/** The six pixels of one row of a character that the font has; bit 5 is the leftmost. */
export function glyphRow(code: number, row: number): number {
  return ROWS[(code - FIRST) * GLYPH_HEIGHT + row] ?? 0;
}
