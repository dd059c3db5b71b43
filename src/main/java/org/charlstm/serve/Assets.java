package org.charlstm.serve;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The files of the page, from the class path. */
final class Assets {
    private static final String UPLOT = "META-INF/resources/webjars/uplot/1.6.30/dist/";
    private static final String HTML = "text/html; charset=utf-8";
    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final String STYLE = "text/css; charset=utf-8";
    private static final Map<String, Asset> ALL = Map.ofEntries(
            Map.entry("/", new Asset("index.html", HTML)), Map.entry("/style.css", new Asset("style.css", STYLE)),
            Map.entry("/main.js", new Asset("main.js", SCRIPT)), Map.entry("/runs.js", new Asset("runs.js", SCRIPT)),
            Map.entry("/table.js", new Asset("table.js", SCRIPT)), Map.entry("/view.js", new Asset("view.js", SCRIPT)),
            Map.entry("/chart.js", new Asset("chart.js", SCRIPT)),
            Map.entry("/play.js", new Asset("play.js", SCRIPT)), Map.entry("/units.js", new Asset("units.js", SCRIPT)),
            Map.entry("/icon.svg", new Asset("icon.svg", "image/svg+xml")),
            Map.entry("/uplot.js", new Asset(UPLOT + "uPlot.esm.js", SCRIPT)),
            Map.entry("/uplot.css", new Asset(UPLOT + "uPlot.min.css", STYLE)));

    private Assets() {
    }

    /** A file in this package, or by its full path in a jar. */
    record Asset(String name, String type) {
        byte[] bytes() throws IOException {
            try (InputStream in = name.startsWith("META-INF/")
                    ? Assets.class.getClassLoader().getResourceAsStream(name)
                    : Assets.class.getResourceAsStream(name)) {
                if (in == null) {
                    throw new Problem(404, "this part of the page is not installed");
                }
                return in.readAllBytes();
            }
        }
    }

    /** The file for a request's path; null if there is none. */
    static @Nullable Asset of(String path) {
        return ALL.get(path);
    }
}
