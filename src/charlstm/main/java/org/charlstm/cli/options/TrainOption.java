package org.charlstm.cli.options;

import module java.base;

/** Where the help of {@code train} lists an option, and whether a resumed run may have another value of it. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface TrainOption {
    /** The section in the help. */
    Section section();

    /** The order within a section; options with equal places stay in declaration order. */
    int place() default 0;

    /** Whether a resumed run may have another value. */
    Resumed resumed();

    /** The sections in order: the most needed options come first, the others by subject. */
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
        /** The option keeps the value that it had when the run began. */
        SAME,
        /** The option may change: it affects the end of the run or the size of updates, but no other result. */
        FREE,
        /** The option may change, but belongs to a schedule; another schedule does not take it over. */
        OF_SCHEDULE,
        /** The option names a file, whose name may change but not its content. */
        MOVED,
        /** The option says where a run begins, and cannot be combined with {@code --resume}. */
        BEGINNING,
        /** The option names the run itself. */
        RUN
    }
}
