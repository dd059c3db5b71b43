package org.charlstm.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import module java.base;
import org.charlstm.machine.Browser;

/** The page of a server of two runs, open in a browser. */
final class Page implements AutoCloseable {
    /** A folder to leave pictures in for people, if one is given. */
    private static final String PICTURES = System.getProperty("charlstm.pictures", "");

    private final Path runs;
    private final Served served;
    private final Browser browser;

    Page(Path folder) throws Exception {
        runs = folder.resolve("runs");
        Served.train(runs.resolve("first"));
        Served.train(runs.resolve("second"), each -> each, Served.SETUP.epochs(30));
        served = new Served(runs, new LocalServer.Settings(null, 0, null, true), 10_000);
        browser = new Browser(folder);
    }

    Path runs() {
        return runs;
    }

    Browser browser() {
        return browser;
    }

    URI at(String path) {
        return served.at(path);
    }

    void open(String page) throws Exception {
        // The page before may still be there for a moment.
        browser.value("window.old = true");
        browser.open(served.at("/"));
        browser.await(
                "!window.old && document.readyState === 'complete' && document.querySelector('#runs-table tbody tr')");
        browser.value("document.querySelector('#to-" + page + "').click()");
        browser.await("!document.querySelector('#" + page + "-page').hidden");
        browser.await("document.querySelector('#model').options.length > 0");
    }

    /** Waits until the server has found a new run or model, which takes a second at most. */
    void awaitListed(String what, String id) throws Exception {
        for (int i = 0; i < 500 && !served.get("/api/" + what).body().contains("\"" + id + "\""); i++) {
            Thread.sleep(10);
        }
    }

    static String text(String selector) {
        return "document.querySelector('" + selector + "').textContent";
    }

    void picture(String name) throws Exception {
        if (!PICTURES.isEmpty()) {
            browser.screenshot(Files.createDirectories(Path.of(PICTURES)).resolve(name + ".png"));
        }
    }

    /**
     * Gives each word in sight, and each example in a field, whose contrast with what is behind it is below 4.5 to 1,
     * and each border of a field below 3 to 1.
     */
    private static final String FAINT = """
            (() => {
              const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
              const rgba = css => {
                context.clearRect(0, 0, 1, 1);
                context.fillStyle = css;
                context.fillRect(0, 0, 1, 1);
                return [...context.getImageData(0, 0, 1, 1).data];
              };
              const light = color => {
                const [r, g, b] = color.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92
                  : ((c + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
              };
              const behind = e => {
                const color = rgba(getComputedStyle(e).backgroundColor);
                return color[3] > 250 || !e.parentElement ? color : behind(e.parentElement);
              };
              return [...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && !e.disabled)
                .flatMap(e => [
                  ...[...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())
                    ? [[e, getComputedStyle(e).color, 4.5, e.textContent]] : [],
                  ...e.placeholder ? [[e, getComputedStyle(e, '::placeholder').color, 4.5, e.placeholder]] : [],
                  ...e.matches('input, select, textarea') ? [[e, getComputedStyle(e).borderTopColor, 3, e.id]] : [],
                ]).filter(([e, color, least]) => {
                  const [own, page] = [light(rgba(color)), light(behind(e))];
                  return !(Math.max(own, page) / Math.min(own, page) >= least);
                }).map(([e, color, least, words]) => words);
            })()""";

    /** Nothing is wider than the page in the dark, on a phone or on paper; on a screen every word stands out. */
    void requireFitsEveryMedium(String page) throws Exception {
        for (String[] look : new String[][] {{"dark", "1000", "screen"}, {"light", "380", "screen"},
            {"dark", "700", "print"}}) {
            browser.call("Emulation.setEmulatedMedia", "{\"media\":\"" + look[2]
                    + "\",\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"" + look[0] + "\"}]}");
            browser.call("Emulation.setDeviceMetricsOverride", "{\"width\":" + look[1]
                    + ",\"height\":800,\"deviceScaleFactor\":1,\"mobile\":false}");
            // The chart resizes after an event.
            browser.await("document.documentElement.scrollWidth <= innerWidth");
            if (look[2].equals("screen")) {
                assertEquals(List.of(), browser.list(FAINT), page + ", " + look[0]);
            }
            picture(page + "-" + look[0] + "-" + look[1]);
        }
        browser.call("Emulation.setEmulatedMedia", "{\"media\":\"\",\"features\":[]}");
        browser.call("Emulation.clearDeviceMetricsOverride", "{}");
    }

    void requireNoErrorAndNoOtherServer() {
        assertEquals(List.of(), browser.console());
        List<String> others = browser.requests().stream().filter(url -> !url.startsWith(served.at("/").toString())
                && !url.equals("about:blank")).toList();
        assertEquals(List.of(), others, "the page asks elsewhere");
        assertFalse(browser.requests().isEmpty());
    }

    @Override
    public void close() {
        browser.close();
        served.close();
    }
}
