package org.charlstm.report;

/** A chart that can be drawn on a page and into a picture. */
interface Chart {
    /** Every chart's width in pixels: a phone's, so that its words are readable there; it grows with the page. */
    int WIDTH = 420;

    /** The name of its picture: lower-case letters, digits and underscores. */
    String name();

    /** What it shows, in words. */
    String title();

    /** In pixels. */
    int height();

    /** Draws it. */
    void draw(Canvas canvas);
}
