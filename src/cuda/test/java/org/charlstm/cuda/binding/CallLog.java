package org.charlstm.cuda.binding;

import module java.base;

/**
 * The log that cuDNN and cuBLAS keep of the calls that they get (CUDNN_LOGLEVEL_DBG, CUBLAS_LOGINFO_DBG): the name and
 * the value of every argument, descriptors with all that is set in them.
 */
final class CallLog {
    private static final Pattern CALL = Pattern.compile("I! .* function (?:\\w+ )?(\\w+)\\(.*\\) called:");
    /** Without a value it is a descriptor, in which more is set. */
    private static final Pattern ARGUMENT = Pattern.compile("i!( +)(\\w+): (?:type=\\w+:|(?:type=[^;]*; val="
            + "|location=\\w+; addr=)(.*?);?)");
    private static final Pattern POINTER = Pattern.compile("POINTER \\(IN HEX:0x(.*)\\)");
    /** Calls that each binding makes at its own time, and those that ask for errors. */
    private static final String OTHERS = "cudnnGet(ErrorString|LastErrorString|Version)|cudnn(Create|Destroy).*"
            + "|cublas(Get|Create|Destroy).*";
    /**
     * A descriptor's content is compared where it is set; its sizes identify it here. The addresses of alpha and beta
     * are random.
     */
    private static final String LEFT_OUT = "rnnDesc.*|\\w+Desc\\.(seqLengthArray|layout|paddingFill|dataType|nbDims"
            + "|strideA)|alpha|beta";

    private CallLog() {
    }

    /** A line for each call, and one for each of its arguments with two spaces before it. */
    static List<String> calls(List<String> log) {
        List<String> calls = new ArrayList<>();
        boolean wanted = false;
        NavigableMap<Integer, String> names = new TreeMap<>();
        for (String line : log) {
            Matcher call = CALL.matcher(line);
            Matcher argument = ARGUMENT.matcher(line);
            if (line.startsWith("E!")) {
                wanted = false;
            } else if (call.matches()) {
                wanted = !call.group(1).matches(OTHERS);
                if (wanted) {
                    calls.add(call.group(1));
                }
            } else if (wanted && argument.matches()) {
                // The fields of a descriptor are indented further than its name.
                names.tailMap(argument.group(1).length(), true).clear();
                names.put(argument.group(1).length(), argument.group(2));
                String name = String.join(".", names.values());
                if (argument.group(3) != null && !name.matches(LEFT_OUT)) {
                    calls.add("  " + name + " " + POINTER.matcher(argument.group(3)).replaceFirst("$1"));
                }
            }
        }
        return calls;
    }
}
