// Tells the kernel what is selected and clicked in one plotly figure of the page.
// FigureWidget tells it by a state that the next hover overwrites while the kernel is busy; messages are all delivered.

const DRAWN = "plotlywidget-after-render";

function listen(plot, model) {
  const trackIds = (event) => event.points.map((point) => Number(point.customdata));
  const tell = (kind, ids) => model.send({ kind, track_ids: ids });
  plot.on("plotly_selected", (event) => event?.points && tell("selected", trackIds(event)));
  plot.on("plotly_deselect", () => tell("selected", []));
  plot.on("plotly_click", (event) => event?.points && tell("clicked", trackIds(event)));
}

export default {
  initialize({ model }) {
    const isMine = (plot) => plot?.data?.[0]?.uid !== undefined && plot.data[0].uid === model.get("uid");
    const drawn = (event) => isMine(event.detail?.element) && listen(event.detail.element, model);
    const look = () => [...document.querySelectorAll(".js-plotly-plot")].filter(isMine).forEach((plot) => listen(plot, model));
    document.addEventListener(DRAWN, drawn);
    model.on("change:uid", look);
    look();
    return () => document.removeEventListener(DRAWN, drawn);
  },
};
