package org.charlstm.cli;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The tool in a process that runs one command line after another, so that each need not start a JVM and warm it up. It
 * says on which port of this machine it waits; a script of bash hands it the words, and gives back what it printed.
 */
final class WarmTool {
    private static final Path ERRORS = Path.of("standard-error");

    private WarmTool() {
    }

    /** The script that stands for the tool, in the working folder of the process. */
    static String script(Path bash, int port) {
        return """
                #!%s
                together=no
                [ /dev/fd/1 -ef /dev/fd/2 ] && together=yes
                exec 3<>/dev/tcp/127.0.0.1/%d
                printf '%%s\\0' $together $# "$@" >&3
                read -r code <&3
                cat <&3
                cat %s >&2
                exit $code
                """.formatted(bash, port, ERRORS);
    }

    public static void main(String[] arguments) throws IOException {
        Locale.setDefault(Locale.ROOT);
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            System.out.println(server.getLocalPort());
            while (true) {
                try (Socket socket = server.accept()) {
                    answer(new DataInputStream(socket.getInputStream()), socket.getOutputStream());
                }
            }
        }
    }

    /** What goes to one place is in the order in which it was printed. */
    private static void answer(DataInputStream in, OutputStream answer) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        boolean together = word(in).equals("yes");
        ByteArrayOutputStream errors = together ? out : new ByteArrayOutputStream();
        String[] line = new String[Integer.parseInt(word(in))];
        for (int i = 0; i < line.length; i++) {
            line[i] = word(in);
        }
        int code;
        try (PrintStream toOut = new PrintStream(out, true, StandardCharsets.UTF_8);
                PrintStream toErrors = new PrintStream(errors, true, StandardCharsets.UTF_8)) {
            code = Main.run(new Console(toOut, toErrors, 0, "./charlstm", System.in), line);
        }
        Files.write(ERRORS, together ? new byte[0] : errors.toByteArray());
        answer.write((code + "\n").getBytes(StandardCharsets.US_ASCII));
        out.writeTo(answer);
    }

    private static String word(DataInputStream in) throws IOException {
        ByteArrayOutputStream word = new ByteArrayOutputStream();
        for (int each = in.readByte(); each != 0; each = in.readByte()) {
            word.write(each);
        }
        return word.toString(StandardCharsets.UTF_8);
    }
}
