package org.charlstm.cli.pages;

import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.cli.Main;
import org.charlstm.cli.console.Console;
import org.charlstm.machine.Bash;

/**
 * The tool in a process that runs one command line after another: none starts a JVM and warms it up. It says on which
 * port of this machine it waits; a script of bash hands it the words, and gives back what it printed. An argument names
 * a table of {@link Sizes}, which make the command lines smaller. A server is answered for once it serves, and goes on.
 */
final class WarmTool {
    private static final Path ERRORS = Path.of("standard-error");

    private WarmTool() {
    }

    /** Writes the script that stands for the tool, in the working folder of its process. */
    static void writeScript(Path folder, Process tool) throws IOException {
        Path script = Files.writeString(folder.resolve("charlstm"), """
                #!%s
                together=no
                [ /dev/fd/1 -ef /dev/fd/2 ] && together=yes
                exec 3<>/dev/tcp/127.0.0.1/%d
                printf '%%s\\0' $together $# "$@" >&3
                read -r code <&3
                cat <&3
                cat %s >&2
                exit $code
                """.formatted(Bash.file(), Integer.parseInt(tool.inputReader().readLine()), ERRORS));
        assertTrue(script.toFile().setExecutable(true));
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Locale.setDefault(Locale.ROOT);
        Sizes sizes = arguments.length == 0 ? Sizes.NONE : Sizes.read(Path.of(arguments[0]));
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            System.out.println(server.getLocalPort());
            while (true) {
                try (Socket socket = server.accept()) {
                    answer(new DataInputStream(socket.getInputStream()), socket.getOutputStream(), sizes);
                }
            }
        }
    }

    /** Lines for one stream stay in the order in which they were printed. */
    private static void answer(DataInputStream in, OutputStream answer, Sizes sizes)
            throws IOException, InterruptedException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        boolean together = word(in).equals("yes");
        ByteArrayOutputStream errors = together ? out : new ByteArrayOutputStream();
        String[] line = new String[Integer.parseInt(word(in))];
        for (int i = 0; i < line.length; i++) {
            line[i] = word(in);
        }
        String[] smaller = sizes.smaller(line);
        Console console = new Console(new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(errors, true, StandardCharsets.UTF_8), 0, "./charlstm", System.in);
        int code = smaller.length > 0 && smaller[0].equals("serve") ? served(console, out, smaller)
                : Main.run(console, smaller);
        Files.write(ERRORS, together ? new byte[0] : errors.toByteArray());
        answer.write((code + "\n").getBytes(StandardCharsets.US_ASCII));
        out.writeTo(answer);
    }

    /** 0 once it serves; else what it ended with. */
    private static int served(Console console, ByteArrayOutputStream out, String[] line) throws InterruptedException {
        int[] code = {0};
        Thread server = Thread.ofPlatform().daemon().start(() -> code[0] = Main.run(console, line));
        while (server.isAlive() && !out.toString(StandardCharsets.UTF_8).contains("serving ")) {
            Thread.sleep(5);
        }
        return server.isAlive() ? 0 : code[0];
    }

    private static String word(DataInputStream in) throws IOException {
        ByteArrayOutputStream word = new ByteArrayOutputStream();
        for (int each = in.readByte(); each != 0; each = in.readByte()) {
            word.write(each);
        }
        return word.toString(StandardCharsets.UTF_8);
    }
}
