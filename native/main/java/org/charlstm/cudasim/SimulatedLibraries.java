package org.charlstm.cudasim;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.StandIn;

/**
 * The simulated GPU's libraries, found in the folder named by CHARLSTM_SIM, in a folder {@code native} beside the
 * program's jars, or in this jar.
 */
public final class SimulatedLibraries implements StandIn {
    private static final String SETTING = "CHARLSTM_SIM";
    private static final String IN_JAR = "/META-INF/charlstm/simulated-linux-x86_64/";

    /** For the service loader. */
    public SimulatedLibraries() {
    }

    @Override
    public String title() {
        return "the simulated GPU";
    }

    /** The folder named by CHARLSTM_SIM, or else a folder {@code native} beside the jars. */
    @Override
    public Optional<Path> folder() {
        String set = System.getenv().getOrDefault(SETTING, "");
        try {
            return set.isEmpty() ? beside().filter(Files::isDirectory).findFirst() : Optional.of(Path.of(set));
        } catch (InvalidPathException e) {
            throw new CharlstmException(SETTING + " names no path that can be used in this locale; set LC_ALL=C.UTF-8",
                    e);
        }
    }

    /** The folders {@code native} beside this jar, and beside this jar's folder. */
    private static Stream<Path> beside() {
        try {
            Path own = Path.of(SimulatedLibraries.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            return Stream.of(own.resolveSibling("native"), own.resolveSibling("../native").normalize());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the program's own place is not a path", e);
        }
    }

    @Override
    public Optional<byte[]> resource(String name) {
        if (!System.getenv().getOrDefault(SETTING, "").isEmpty()) {
            return Optional.empty();
        }
        try (InputStream file = SimulatedLibraries.class.getResourceAsStream(IN_JAR + name)) {
            return file == null ? Optional.empty() : Optional.of(file.readAllBytes());
        } catch (IOException e) {
            throw new CharlstmException("cannot read the simulated GPU's " + name + " in its jar: " + e, e);
        }
    }

    @Override
    public String advice() {
        String set = System.getenv().getOrDefault(SETTING, "");
        return set.isEmpty() ? "its jar was made where it could not be built: name its folder in " + SETTING
                + ", or build it with native/build.sh FOLDER"
                : SETTING + " names " + set + "; build it there with native/build.sh " + set;
    }

    @Override
    public String lastErrorFunction() {
        return "charlstm_sim_last_error";
    }

    @Override
    public String textModeFunction() {
        return "charlstm_sim_nvrtc_mode";
    }
}
