package org.charlstm.cli;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.IoFailure;
import org.charlstm.cli.console.Interruption;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.options.Converters;
import org.charlstm.cli.options.DeviceCommand;
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
    private static final String VARIABLE = "CHARLSTM_TOKEN";

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
            + "letters, digits, - or _. Others on this machine see it in the list of processes. Default: that of "
            + "--token-file or CHARLSTM_TOKEN; else none on loopback, with --listen one made up and printed.")
    private @Nullable String token;

    @Option(names = "--token-file", paramLabel = "FILE", description = "A file with the token on its only line.")
    private @Nullable Path tokenFile;

    @Option(names = "--allow-stop", description = "Let the page stop runs that train, as Ctrl-C does.")
    private boolean allowStop;

    @Override
    public Integer call() throws InterruptedException {
        String wanted = token();
        device.check();
        List<Path> all = given == null ? List.of(RUNS) : given;
        if (given == null && !Files.isDirectory(RUNS)) {
            throw new CharlstmException("there is no folder " + RUNS + " here; name a run, a model or a folder of "
                    + "them");
        }
        try (Device opened = device.open(console());
                LocalServer server = new LocalServer(opened, all,
                        new LocalServer.Settings(listen, port, wanted, allowStop));
                Interruption interruption = new Interruption(console(), "ending", server::end)) {
            console().line("serving %s at %s", server.served(), server.address());
            server.await();
            return interruption.code(Main.INTERRUPTED);
        }
    }

    /** The token that clients must send, from any source; null if none was given. */
    private @Nullable String token() {
        UsageException.when(token != null && tokenFile != null,
                "--token and --token-file are both given; leave one out");
        String variable = System.getenv(VARIABLE);
        if (token != null) {
            return required("--token", token);
        }
        if (tokenFile != null) {
            return required("the line of --token-file " + tokenFile, line(tokenFile));
        }
        return variable == null || variable.isEmpty() ? null : required(VARIABLE, variable);
    }

    private static String required(String source, String token) {
        UsageException.when(!token.matches("[A-Za-z0-9_-]{16,200}"),
                "%s must be from 16 to 200 letters, digits, - or _; leave it out to have one made up", source);
        return token;
    }

    /** The only line of a file. For a file of several lines, the result is not a valid token. */
    private static String line(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(1000), StandardCharsets.ISO_8859_1).replaceFirst("\r?\n$", "");
        } catch (IOException e) {
            throw new CharlstmException("--token-file " + file + " cannot be read: " + IoFailure.of(e), e);
        }
    }
}
