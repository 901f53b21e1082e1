// The traces our figures use; plotly's own bundle is three times as large. dcc.Graph takes window.Plotly when it is there.
import Plotly from 'plotly.js/lib/core';
import bar from 'plotly.js/lib/bar';
import box from 'plotly.js/lib/box';
import funnel from 'plotly.js/lib/funnel';
import heatmap from 'plotly.js/lib/heatmap';
import histogram from 'plotly.js/lib/histogram';
import sankey from 'plotly.js/lib/sankey';

Plotly.register([bar, box, funnel, heatmap, histogram, sankey]);
window.Plotly = Plotly;
