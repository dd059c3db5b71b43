import org.jspecify.annotations.NullMarked;

/**
 * Character-level language models, and the tool that trains them. Programs see the exported packages. The benchmarks,
 * the reports, the server and the command line are the tool's own, and so are the modules that these alone require,
 * which need not be there.
 */
@NullMarked
@SuppressWarnings("requires-automatic")
module org.charlstm {
    requires com.google.gson;
    requires static com.google.errorprone.annotations;
    requires static info.picocli;
    requires io.jhdf;
    requires static java.desktop;
    requires static jdk.httpserver;
    requires java.management;
    requires jdk.incubator.vector;
    requires jdk.management;
    requires jdk.unsupported;
    // jHDF needs these and has no descriptor to say so.
    requires org.apache.commons.lang3;
    requires org.slf4j;
    requires transitive org.charlstm.kernels;
    requires static transitive org.jspecify;

    exports org.charlstm.io;
    exports org.charlstm.keras;
    exports org.charlstm.nn;
    exports org.charlstm.run;
    exports org.charlstm.sample;
    exports org.charlstm.text;
    exports org.charlstm.train;

    opens org.charlstm.base to com.google.gson;
    opens org.charlstm.bench to com.google.gson;
    opens org.charlstm.cli to com.google.gson, info.picocli;
    opens org.charlstm.cli.model to com.google.gson, info.picocli;
    opens org.charlstm.cli.options to info.picocli;
    opens org.charlstm.run.folder to com.google.gson;
}
