package org.charlstm.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    /** Nothing is wider than the page in the dark, on a phone or on paper. */
    void requireFitsEveryMedium(String page) throws Exception {
        for (String[] look : new String[][] {{"dark", "1000", "screen"}, {"light", "380", "screen"},
            {"dark", "700", "print"}}) {
            browser.call("Emulation.setEmulatedMedia", "{\"media\":\"" + look[2]
                    + "\",\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"" + look[0] + "\"}]}");
            browser.call("Emulation.setDeviceMetricsOverride", "{\"width\":" + look[1]
                    + ",\"height\":800,\"deviceScaleFactor\":1,\"mobile\":false}");
            // The chart resizes after an event.
            browser.await("document.documentElement.scrollWidth <= innerWidth");
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
