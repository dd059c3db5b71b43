package org.charlstm.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.device.Device;
import org.charlstm.serve.LocalServer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "serve", sortOptions = false,
        description = {"Serves a page on runs and models, until Ctrl-C: runs in one chart, live while they train, and "
                + "text that a model writes character by character.",
            "docs/serve.md has the HTTP interface behind it. Only programs of this machine reach it, unless --listen "
                    + "says otherwise."})
final class ServeCommand extends DeviceCommand {
    private static final Path RUNS = Path.of("runs");

    @Parameters(paramLabel = "RUN|MODEL|FOLDER", arity = "0..*", description = "Runs' folders, model files, and "
            + "folders of them, where later ones are found too. Default: runs.")
    private @Nullable List<Path> given;

    @Option(names = "--port", paramLabel = "N", defaultValue = "8642", converter = Converters.Port.class,
            description = "The port, 0 for any that is free. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(names = "--listen", paramLabel = "ADDRESS", description = "An address or name of this machine by which "
            + "others reach it; they need the token. Default: loopback alone.")
    private @Nullable String listen;

    @Option(names = "--token", paramLabel = "TOKEN", description = "The token that clients must send: at least 16 "
            + "letters, digits, - or _. Default: none on loopback, with --listen one made up and printed.")
    private @Nullable String token;

    @Option(names = "--allow-stop", description = "Let the page stop runs that train, as Ctrl-C does.")
    private boolean allowStop;

    @Override
    public Integer call() throws InterruptedException {
        if (token != null && !token.matches("[A-Za-z0-9_-]{16,200}")) {
            throw new UsageException("--token must be at least 16 letters, digits, - or _; leave it out to have one "
                    + "made up");
        }
        device.check();
        List<Path> all = given == null ? List.of(RUNS) : given;
        if (given == null && !Files.isDirectory(RUNS)) {
            throw new CharlstmException("there is no folder " + RUNS + " here; name a run, a model or a folder of "
                    + "them");
        }
        try (Device opened = device.open(console());
                LocalServer server = new LocalServer(opened, all,
                        new LocalServer.Settings(listen, port, token, allowStop));
                Interruption interruption = new Interruption(console(), "ending", server::end)) {
            console().line("serving %s at %s", server.served(), server.address());
            server.await();
            return interruption.code(Main.INTERRUPTED);
        }
    }
}
