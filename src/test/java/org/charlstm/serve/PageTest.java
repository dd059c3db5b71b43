package org.charlstm.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.run.RunFolder;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page, in a browser: a run that goes on, and a text that a model writes. */
@Tag("long")
class PageTest {
    /** Where pictures are left for people, if anybody asks for them. */
    private static final String PICTURES = System.getProperty("charlstm.pictures", "");

    @TempDir
    private Path folder;

    private static void picture(Browser browser, String name) throws Exception {
        if (!PICTURES.isEmpty()) {
            browser.screenshot(Files.createDirectories(Path.of(PICTURES)).resolve(name + ".png"));
        }
    }

    private static String written(Path run, SamplingOptions options) {
        SavedModel saved = ModelFile.load(run);
        try (Device device = Devices.open("cpu", new DeviceOptions(1));
                Model model = new Model(device, saved.weights())) {
            return new Sampler(model, saved.requireVocabulary(), options).sentences(1).getFirst();
        }
    }

    @Test
    void aRunIsWatchedAndAModelWrites() throws Exception {
        Path run = folder.resolve("runs/first");
        Served.train(run);
        Served.train(folder.resolve("runs/second"), each -> each, Served.SETUP.epochs(30));
        try (Served served = new Served(folder.resolve("runs")); Browser browser = new Browser(folder)) {
            browser.open(served.at("/"));
            browser.await("document.querySelectorAll('#runs-table tbody tr').length === 2");
            browser.value("document.querySelector('[data-focus=\"choose second\"]').click()");
            browser.value("document.querySelector('[data-focus=\"choose first\"]').click()");
            browser.await("document.querySelector('#chart').dataset.points === '3'");
            assertTrue(browser.text("document.querySelector('#sentences').textContent").contains("first, epoch 3"));
            Files.writeString(run.resolve(RunFolder.METRICS), "{\"epoch\":4,\"loss\":0.5,\"seconds\":0.1}\n",
                    StandardOpenOption.APPEND);
            browser.await("document.querySelector('#chart').dataset.points === '4'");
            browser.value("document.querySelector('[data-focus=\"choose second\"]').click()");
            browser.await("document.querySelector('#chart').dataset.points === '30'");
            browser.await("document.querySelector('#chart canvas').width > 100");
            picture(browser, "runs");

            browser.value("document.querySelector('#to-play').click()");
            browser.await("!document.querySelector('#play-page').hidden");
            browser.value("document.querySelector('#prime').value = 'a '");
            browser.value("document.querySelector('#length').value = '40'");
            browser.value("document.querySelector('#write').click()");
            browser.await("document.querySelector('#play-status').textContent.includes('characters')");
            String shown = "[...document.querySelectorAll('#text span:not(.sign)')].map(e => e.textContent).join('')";
            SamplingOptions options = SamplingOptions.DEFAULT.maxLength(40).prime("a ");
            assertEquals(written(run, options), browser.text(shown));
            assertTrue(browser.value("document.querySelectorAll('#text [class*=\" p\"], #text [class^=\"p\"]').length")
                    .getAsInt() > 2, "nothing is shaded");

            browser.point("#c3");
            browser.await("document.querySelectorAll('#next tr').length === 10");
            String first = browser.text("document.querySelector('#next caption').textContent");
            browser.value("document.querySelector('#text').focus()");
            browser.press("ArrowRight");
            browser.await("document.querySelector('#c4').classList.contains('at')");
            assertNotEquals(first, browser.text("document.querySelector('#next').textContent"));

            browser.value("document.querySelector('#temperature').value = '0.2'");
            browser.value("document.querySelector('#write').click()");
            browser.await("document.querySelector('#play-status').textContent.includes('characters')");
            assertEquals(written(run, options.temperature(0.2)), browser.text(shown));

            browser.value("document.querySelector('#show-units').click()");
            browser.await("document.querySelector('#units').width > 0");
            assertTrue(browser.text("document.querySelector('#units-said').textContent").startsWith("8 units"));
            picture(browser, "play");
            for (String[] look : new String[][] {{"dark", "1000"}, {"light", "380"}}) {
                browser.call("Emulation.setEmulatedMedia",
                        "{\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":"
                                + "\"" + look[0] + "\"}]}");
                browser.call("Emulation.setDeviceMetricsOverride", "{\"width\":" + look[1]
                        + ",\"height\":800,\"deviceScaleFactor\":1,\"mobile\":false}");
                for (String page : List.of("play", "runs")) {
                    browser.value("document.querySelector('#to-" + page + "').click()");
                    browser.await("!document.querySelector('#" + page + "-page').hidden");
                    assertTrue(browser.value("document.documentElement.scrollWidth <= innerWidth").getAsBoolean(),
                            page + " is wider than " + look[1]);
                    picture(browser, page + "-" + look[0] + "-" + look[1]);
                }
            }

            assertEquals(List.of(), browser.console());
            String own = served.at("/").toString();
            List<String> others = browser.requests().stream().filter(url -> !url.startsWith(own)
                    && !url.equals("about:blank")).toList();
            assertEquals(List.of(), others, "the page asks elsewhere");
            assertFalse(browser.requests().isEmpty());
        }
    }
}
