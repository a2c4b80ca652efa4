/** Breaks a text at its spaces; a word that is longer than the width is cut into pieces. At least one line. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [''];
  const words = text.split(/\s+/).flatMap((word) => (word.length <= width ? [word] : (word.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [])));
  for (const word of words) {
    const last = lines.at(-1) ?? '';
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
