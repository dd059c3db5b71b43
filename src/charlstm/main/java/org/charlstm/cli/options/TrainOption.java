package org.charlstm.cli.options;

import module java.base;

/** Where the help of {@code train} lists an option, and whether a run may be resumed with another value of it. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface TrainOption {
    /** Its section. */
    Section section();

    /** Orders the options of a section; those of one place are in the order of their declaration. */
    int place() default 0;

    /** Whether a resumed run may have another value. */
    Resumed resumed();

    /** The sections in their order: the options that most need come first, the others by subject. */
    enum Section {
        MOST_USED("Most used"), TEXT("The text"), MODEL("The model"), TRAINING("Training"), RATE("The learning rate"),
        STOP("When to stop"), SAVING("Saving"), DEVICE("The device"), PROCESSES("Several processes"),
        REPORT("The report"), OF_EVERY_COMMAND("Of every command");

        private final String heading;

        Section(String heading) {
            this.heading = heading;
        }

        @Override
        public String toString() {
            return heading;
        }
    }

    /** Whether a resumed run keeps an option's value or may have another. */
    enum Resumed {
        /** It keeps the value that it began with. */
        SAME,
        /** It may have another: no result changes, but when the run ends, or how far updates go. */
        FREE,
        /** Likewise; but it is of a schedule, and another schedule does not take it over. */
        OF_SCHEDULE,
        /** A file, which may have another name now, with the same content. */
        MOVED,
        /** It says where a run begins, and does not go with {@code --resume}. */
        BEGINNING,
        /** It names the run itself. */
        RUN
    }
}
