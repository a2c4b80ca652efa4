import { FONT, PALETTE } from '../charts/palette.js';

const { ink, soft, rule, blue, green, red } = PALETTE;

/** The sheet of timeline.html: light and dark by the reader's choice, whole on a phone and on paper. */
export const FAILURE_STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ink:${ink};--soft:${soft};--rule:${rule};--blue:${blue};--green:${green};--red:${red};--apart:#c4460120;--guide:#eef0f3;--lane:#aeb6c1;--flag:#b23c00;--part:#7a2c6b;--on:#fff;--tint:#fdf1ea}
@media (prefers-color-scheme:dark){:root{--paper:#15181c;--ink:#e7e9ec;--soft:#a3adb9;--rule:#343b45;--blue:#56b4e9;--green:#4cc9a0;--red:#ff8f5e;--apart:#ff8f5e26;--guide:#23282f;--lane:#59626e;--flag:#ff8f5e;--part:#dd9ccb;--on:#15181c;--tint:#2b211c}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 ${FONT};-webkit-text-size-adjust:100%}
main{max-width:1240px;margin:0 auto;padding:24px 20px 56px}
h1{font-size:25px;line-height:1.2;letter-spacing:-.015em;margin:2px 0 8px;font-weight:650;overflow-wrap:anywhere}
h2{font-size:18px;margin:32px 0 6px;font-weight:650}
p{margin:6px 0 10px;max-width:80ch}
.brand,.note{font-size:13px;color:var(--soft)}
.lead{color:var(--soft);margin:0 0 4px;max-width:none}
.key{border-left:4px solid var(--part);padding:6px 14px;margin:14px 0;max-width:none;font-size:17px}
.key b{color:var(--part)}
.lanes{display:flex;overflow-x:auto;border-top:1px solid var(--rule);border-bottom:1px solid var(--rule);margin:16px 0 4px;padding:8px 0}
.lanes:focus-visible,.scroll:focus-visible,a:focus-visible{outline:3px solid var(--blue);outline-offset:2px}
.names{position:sticky;left:0;flex:none;background:var(--paper);z-index:1}
.picture{flex:none;overflow:visible}
svg text{font:11px ${FONT};fill:var(--ink)}
svg .soft{fill:var(--soft)}
svg .name{font-weight:650;font-size:12.5px}
svg .number{text-anchor:middle;fill:var(--soft);font-weight:650;font-size:10.5px}
svg .label{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
svg .strong{font-weight:650}
svg .alarm{fill:var(--red);font-weight:650}
.lane{stroke:var(--lane);stroke-width:1.3}
.guide{stroke:var(--guide)}
.apart{fill:var(--apart)}
.part-line{stroke:var(--part);stroke-width:2}
.break-line{stroke:var(--flag);stroke-width:1.2;stroke-dasharray:4 3}
.flag{fill:var(--flag)}.part-flag{fill:var(--part)}
svg .flag-text{fill:var(--on);font-weight:600}
.naked{fill:var(--red);opacity:.38}.believed{fill:var(--blue);opacity:.38}
.hatch{stroke:var(--soft);stroke-width:1.5}
.unknown{fill:none;stroke:var(--lane);stroke-dasharray:4 4}
.order{stroke:var(--blue);stroke-width:6;stroke-linecap:round;opacity:.35}
.there{stroke:var(--blue);stroke-width:1.6}.head-there{fill:var(--blue)}
.back{stroke:var(--soft);stroke-width:1.1}.head-back{fill:var(--soft)}
.lost{stroke:var(--red);stroke-width:1.6;stroke-dasharray:5 3}
.cross{stroke:var(--red);stroke-width:2.4;fill:none}
.buy{fill:var(--blue)}.sell{fill:var(--paper);stroke:var(--blue);stroke-width:2.4}
.mark{fill:var(--ink)}.bad{fill:var(--red)}
.fault{fill:var(--paper);fill-opacity:.6;stroke:var(--red);stroke-width:2}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums;margin:8px 0 14px}
caption{text-align:left;color:var(--soft);font-size:13px;padding-bottom:4px}
th,td{padding:5px 12px 5px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
thead th{font-weight:500;color:var(--soft);border-bottom:1px solid var(--soft)}
tbody th{font-weight:400;color:var(--soft)}
.num{text-align:right;white-space:nowrap}
td.wire{white-space:nowrap;color:var(--soft)}td.lost-wire{color:var(--red);font-weight:650}
tr.broken{background:var(--tint)}
tr.broken b{color:var(--flag)}
tr.part{background:var(--apart)}
tr.part b{color:var(--part)}
td.wrong{color:var(--red);font-weight:650}
tr.fault-row td.truth{color:var(--red);font-weight:600}
ul.promises{padding-left:20px;margin:8px 0;max-width:100ch}
ul.promises li{margin:4px 0}
pre{background:var(--guide);padding:10px 12px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;user-select:all;border-radius:4px}
.legend{display:flex;flex-wrap:wrap;gap:2px 18px;font-size:13px;color:var(--soft);padding:0;margin:6px 0 14px;list-style:none}
.legend svg{vertical-align:-4px;margin-right:5px}
@media (max-width:640px){main{padding:16px 14px 40px}h1{font-size:21px}.key{font-size:16px}
table.story thead{position:absolute;clip-path:inset(50%);height:1px;overflow:hidden}
table.story,table.story caption,table.story tbody,table.story tr{display:block}
table.story tr{border-bottom:1px solid var(--rule);padding:5px 0}
table.story td,table.story th{display:inline;border:0;padding:0 8px 0 0}
table.story td:empty{display:none}
table.story td.truth:not(:empty),table.story td.belief:not(:empty),table.story td.across{display:block}
table.story td[data-lane]:not(:empty)::before{content:attr(data-lane) " ";color:var(--soft)}}
@media print{:root{color-scheme:light}.lanes,.scroll{overflow:visible}.names{position:static}.picture{flex:1 1 auto;width:100%;height:auto}}
`.trim();
