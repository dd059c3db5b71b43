package org.charlstm.cli;

import java.nio.file.Path;
import org.charlstm.text.CaptionFile;
import org.charlstm.text.Captions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A model and a text, the arguments of the commands that hold one against the other. */
final class ModelAndText {
    @Parameters(index = "0", paramLabel = "MODEL", description = "A model file or a run's folder.")
    private Path model;

    @Parameters(index = "1", paramLabel = "TEXT", description = "Captions, one a line, UTF-8.")
    private Path text;

    @Mixin
    private MaxSamplesOption maxSamples;

    void check() {
        maxSamples.check();
    }

    Path model() {
        return model;
    }

    Captions captions() {
        return CaptionFile.read(text, maxSamples.orElse(Integer.MAX_VALUE));
    }
}
