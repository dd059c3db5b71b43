package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.cli.console.Console;

/**
 * One run of the tool inside the test's own JVM.
 *
 * @param code the exit code
 * @param out  what it wrote to standard output
 * @param err  what it wrote to standard error
 */
public record Tool(int code, String out, String err) {
    /** Runs a command line as if neither stream were a terminal. */
    public static Tool run(Object... arguments) {
        return called(Console.NAME, arguments);
    }

    /** Runs a command line that is given something to read. */
    public static Tool given(String input, Object... arguments) {
        return run(Console.NAME, new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), arguments);
    }

    /** Runs a command line that began with some other word than the tool's name. */
    public static Tool called(String name, Object... arguments) {
        return run(name, InputStream.nullInputStream(), arguments);
    }

    private static Tool run(String name, InputStream in, Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, false, StandardCharsets.UTF_8), 0, name, in);
        String[] line = new String[arguments.length];
        for (int i = 0; i < line.length; i++) {
            line[i] = arguments[i].toString();
        }
        int code = Main.run(console, line);
        console.out().flush();
        console.err().flush();
        return new Tool(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Runs a command line that must succeed without a word on standard error, and returns its output. */
    public static String output(Object... arguments) {
        Tool tool = run(arguments);
        assertEquals("", tool.err, () -> List.of(arguments).toString());
        assertEquals(0, tool.code, () -> List.of(arguments).toString());
        return tool.out;
    }

    /** The same of a command line whose output is a JSON object. */
    public static JsonObject json(Object... arguments) {
        return JsonParser.parseString(output(arguments)).getAsJsonObject();
    }

    /** The same, line by line. */
    public static List<String> lines(Object... arguments) {
        return output(arguments).lines().toList();
    }
}
