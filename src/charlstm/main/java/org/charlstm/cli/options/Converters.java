package org.charlstm.cli.options;

import module java.base;
import org.charlstm.cli.console.UsageException;
import org.charlstm.text.Captions;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** Converters for option values that picocli's own converters do not handle. */
public final class Converters {
    private Converters() {
    }

    /** Takes the next argument as it is, even if it looks like an option; used for text that people write. */
    public static final class LiteralText implements IParameterConsumer {
        @Override
        public void consumeParameters(Stack<String> arguments, ArgSpec option, CommandSpec command) {
            if (arguments.isEmpty()) {
                throw new ParameterException(command.commandLine(), "Missing required parameter for option '"
                        + ((OptionSpec) option).longestName() + "'");
            }
            option.setValue(arguments.pop());
        }
    }

    /** Names of files and folders. An empty name, as from an unset shell variable, would mean the current folder. */
    public static final class Named implements ITypeConverter<Path> {
        @Override
        public Path convert(String name) {
            UsageException.when(name.isEmpty(), "name a file; a variable of the shell may be unset");
            return Path.of(name);
        }
    }

    public static final class Folder implements ITypeConverter<Path> {
        @Override
        public Path convert(String name) {
            UsageException.when(name.isEmpty(), "name a folder");
            return Path.of(name);
        }
    }

    /** Numbers that are finite in float32. */
    public static final class Finite implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
            double number = Double.parseDouble(text);
            UsageException.when(Float.isInfinite((float) number), "it must be finite, in float32 too");
            return number;
        }
    }

    abstract static class Range implements ITypeConverter<Integer> {
        private final int least;
        private final int most;

        Range(int least, int most) {
            this.least = least;
            this.most = most;
        }

        @Override
        public Integer convert(String text) {
            int number;
            try {
                number = Integer.parseInt(text);
            } catch (NumberFormatException e) {
                UsageException.when(isWhole(text), "it must be from %s to %s", least, most);
                throw e;
            }
            UsageException.when(number < least || number > most, "it must be %s",
                    most == Integer.MAX_VALUE ? "at least " + least : "from " + least + " to " + most);
            return number;
        }
    }

    /** Whether a text is a whole number, of any size. */
    public static boolean isWhole(String text) {
        return text.matches("[+-]?[0-9]+");
    }

    public static final class FromZero extends Range {
        FromZero() {
            super(0, Integer.MAX_VALUE);
        }
    }

    public static final class FromOne extends Range {
        FromOne() {
            super(1, Integer.MAX_VALUE);
        }
    }

    /** Time steps of running text, one fewer than the number of characters in a window. */
    public static final class Steps extends Range {
        Steps() {
            super(1, Captions.MAX_LENGTH - 1);
        }
    }

    /** A number of threads; the limit is above any machine's number. */
    public static final class Threads extends Range {
        Threads() {
            super(1, 4096);
        }
    }

    /** A TCP port; 0 takes any free port. */
    public static final class Port extends Range {
        Port() {
            super(0, 65_535);
        }
    }
}
