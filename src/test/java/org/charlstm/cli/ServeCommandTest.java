package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Command lines of {@code serve} that are refused, for one that is not never ends; ProcessTest has one that serves. */
@Timeout(900)
class ServeCommandTest {
    @TempDir
    private Path folder;

    private static void assertRefused(int code, String message, Object... line) {
        Tool tool = Tool.run(line);
        assertEquals(code, tool.code(), tool.err());
        assertEquals("", tool.out());
        assertEquals(1, tool.err().lines().count(), tool.err());
        assertTrue(tool.err().contains(message), tool.err());
    }

    @Test
    void whatCannotBeServedIsRefused() throws IOException {
        assertRefused(Main.FAILED, "none does not exist", "serve", folder.resolve("none"));
        for (int port : List.of(-1, 65_536)) {
            assertRefused(Main.USAGE, "--port is " + port, "serve", folder, "--port", port);
        }
        for (String token : List.of("short", "with a space in it, and long", "a".repeat(201))) {
            assertRefused(Main.USAGE, "--token must be", "serve", folder, "--token", token);
        }
        assertRefused(Main.FAILED, "no address nowhere.invalid (--listen)", "serve", folder, "--listen",
                "nowhere.invalid", "--port", 0);
        assertRefused(Main.FAILED, "cannot be had", "serve", folder, "--listen", "192.0.2.1", "--port", 0);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertRefused(Main.FAILED, "port " + taken.getLocalPort() + " of 127.0.0.1 cannot be had", "serve", folder,
                    "--port", taken.getLocalPort());
        }
    }
}
