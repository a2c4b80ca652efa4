import { FONT, PALETTE } from '../charts/palette.js';

const { ink, soft, rule, blue, green, orange, red } = PALETTE;

/** The report's whole style sheet: system fonts, one column, the same on a phone, a screen and paper. */
export const STYLE = `
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0;background:#fff;color:${ink};font:16px/1.55 ${FONT};-webkit-text-size-adjust:100%}
main{max-width:900px;margin:0 auto;padding:28px 20px 64px}
h1{font-size:27px;line-height:1.2;letter-spacing:-.015em;margin:2px 0 10px;font-weight:650}
h2{font-size:20px;letter-spacing:-.01em;margin:52px 0 6px;font-weight:650}
h3{font-size:15px;margin:26px 0 4px;font-weight:650}
p{margin:6px 0 12px;max-width:70ch}
a{color:${blue}}
.brand{font-size:13px;color:${soft};letter-spacing:.04em}
.lead,.soft,figcaption,.note{color:${soft}}
h3 .note{font-weight:400}
.why{font-weight:600;margin:12px 0}
.lead{font-size:15px;margin:0 0 4px;max-width:none}
.note,figcaption{font-size:13.5px}
.synthetic{background:#fff4d6;border-left:4px solid ${orange};padding:9px 14px;margin:14px 0;font-weight:600}
.verdict{border-left:4px solid ${soft};padding:6px 14px;margin:14px 0}
.verdict.passed{border-color:${green}}.verdict.failed{border-color:${red}}
.alarm{border-left:4px solid ${red};background:#fdeee6;padding:9px 14px;margin:14px 0;font-weight:600}
.verdict ul{margin:4px 0;padding-left:20px}
.big{display:grid;grid-template-columns:repeat(auto-fit,minmax(180px,1fr));gap:0 26px;margin:26px 0 6px;border-top:2px solid ${ink}}
.big>div{padding:14px 0 12px;border-bottom:1px solid ${rule}}
.big dt{font-size:13px;color:${soft}}
.big dd{margin:0}
.big .figure{font-size:27px;line-height:1.25;font-weight:650;letter-spacing:-.02em;font-variant-numeric:tabular-nums;white-space:nowrap}
.big .figure.na{font-size:16px;white-space:normal;font-weight:500;letter-spacing:0}
.big .under{font-size:13.5px;color:${soft}}
.loss{color:${red}}
figure{margin:18px 0 20px;break-inside:avoid}
figure h3{margin:0}
figcaption{margin:0 0 8px;max-width:105ch}
figure svg{display:block;width:100%;height:auto}
figure .live.live{display:block;width:100%}
figure.is-live .still{display:none}
figure:not(.is-live) .live{height:0;overflow:hidden;visibility:hidden}
.scroll{overflow-x:auto;-webkit-overflow-scrolling:touch;background:linear-gradient(90deg,#fff 45%,#fff0) 0 0/32px 100% no-repeat local,linear-gradient(270deg,#fff 45%,#fff0) 100% 0/32px 100% no-repeat local,linear-gradient(90deg,#1c1f2438,#0000) 0 0/12px 100% no-repeat scroll,linear-gradient(270deg,#1c1f2438,#0000) 100% 0/12px 100% no-repeat scroll}
table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums;margin:8px 0 18px}
th,td{padding:5px 14px 5px 0;text-align:right;vertical-align:top;border-bottom:1px solid ${rule};white-space:nowrap}
th:last-child,td:last-child{padding-right:0}
th{font-weight:500;color:${soft};border-bottom:1px solid ${soft}}
th:first-child,td:first-child,.text{text-align:left}
td.text{white-space:normal;min-width:110px}
.words td.text{min-width:190px}
tr.total td{font-weight:650;border-top:1px solid ${ink};border-bottom:0}
.na{color:${soft};white-space:normal}
ul.card{padding-left:20px;margin:8px 0}
ul.card li{margin:3px 0;max-width:78ch}
code,.mono{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
details{margin:8px 0 18px}
summary{cursor:pointer;font-size:14px;color:${blue}}
footer{margin-top:56px;border-top:1px solid ${rule};padding-top:12px;font-size:13px;color:${soft}}
.timeline{min-width:700px}
.timeline text{font:11px ${FONT};fill:${ink}}
.timeline .tl-soft{fill:${soft};font-size:10.5px}
.timeline .tl-name{font-weight:650;font-size:12px}
.timeline .tl-number{text-anchor:middle;font-weight:650;fill:${soft};font-size:10.5px}
.timeline .tl-fill{text-anchor:middle;font-weight:600}
.tl-lane{stroke:#aeb6c1;stroke-width:1.4}
.tl-guide{stroke:#eef0f3}
.tl-read{stroke:#aeb6c1}
.tl-there{stroke:${blue};stroke-width:1.4}
.tl-back{stroke:${soft};stroke-width:1;stroke-dasharray:none}
.tl-lost{stroke:${red};stroke-width:1.4;stroke-dasharray:5 3}
.tl-cross{stroke:${red};stroke-width:2.2;fill:none}
.tl-doubt{fill:#fff;stroke:${red};stroke-width:2}
.tl-buy{fill:${blue}}
.tl-sell{fill:#fff;stroke:${blue};stroke-width:2.4}
.tl-belief{fill:${ink}}
.tl-alarm{fill:${red}}
.tl-fault{fill:none;stroke:${red};stroke-width:2}
.tl-naked{fill:${red};opacity:.22}
@media (max-width:560px){main{padding:18px 16px 48px}h1{font-size:23px}.big{grid-template-columns:1fr 1fr;gap:0 18px}.big .figure{font-size:21px}}
@media (max-width:360px){.big{grid-template-columns:1fr}}
@media print{body{font-size:11pt}main{max-width:none;padding:0}h2{break-after:avoid}details{display:block}.scroll{overflow:visible;background:none}a{color:inherit}table{font-size:8.5pt}th,td{padding:3px 8px 3px 0}}
`.trim();
