package org.charlstm.cli;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.charlstm.ShellWord;

/** How the tool was called, for the commands of its own that it shows. */
final class Invocation {
    /** The tool's name, where nobody typed anything that can be typed again. */
    static final String NAME = "charlstm";
    /** The options of the JVM that a jar needs to run as it runs here. */
    private static final List<String> NEEDED = List.of("--add-modules=", "--enable-native-access=");

    private Invocation() {
    }

    /** The launcher as it was called, or Java with the jar. */
    static String called() {
        String launcher = System.getProperty("charlstm.command", "");
        if (!launcher.isEmpty()) {
            return ShellWord.of(Path.of(launcher));
        }
        String path = System.getProperty("java.class.path", "");
        return path.endsWith(".jar") && !path.contains(File.pathSeparator)
                ? ofJar(path, ManagementFactory.getRuntimeMXBean().getInputArguments()) : NAME;
    }

    /** A line that runs a jar, given all that its JVM was given. */
    static String ofJar(String jar, List<String> given) {
        return Stream.of(Stream.of("java"), given.stream().filter(each -> NEEDED.stream().anyMatch(each::startsWith)),
                Stream.of("-jar"), Stream.of(Path.of(jar))).flatMap(part -> part).map(ShellWord::of)
                .collect(Collectors.joining(" "));
    }
}
