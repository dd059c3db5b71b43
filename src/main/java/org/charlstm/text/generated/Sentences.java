package org.charlstm.text.generated;

import java.util.List;

/** The shapes of whole captions. */
final class Sentences {
    private static final List<String> KINDS = List.of("ADULT", "KID", "GROUP", "DOG", "CAT", "FARM", "WILD",
            "BIRD", "CAR", "TRAIN", "PLANE", "BOAT");

    /** The ways to say that something does something: the same for people, animals and vehicles. */
    private static final String SEEN = """
            KIND_SEEN: KIND_ONE KIND_DO/ing, KIND_ONE KIND_DO/s, KIND_ONE is KIND_DO/ing
            KIND_MANY_SEEN: KIND_MANY KIND_DO/ing, KIND_MANY KIND_DO, KIND_MANY are KIND_DO/ing
            """;

    private static final String SHAPES = """
            CAPTION: ADULT_SEEN, ANIMAL_SEEN, STILL, GROUP_MANY_SEEN, KID_SEEN, VEHICLE_SEEN, PICTURE
            ANIMAL_SEEN: DOG_SEEN, CAT_SEEN, WILD_MANY_SEEN, FARM_MANY_SEEN, BIRD_SEEN, FARM_SEEN, WILD_SEEN,
              BIRD_MANY_SEEN, DOG_MANY_SEEN, CAT_MANY_SEEN
            VEHICLE_SEEN: CAR_SEEN, TRAIN_SEEN, PLANE_SEEN, BOAT_SEEN, CAR_MANY_SEEN, BOAT_MANY_SEEN, PLANE_MANY_SEEN,
              TRAIN_MANY_SEEN
            PICTURE: a photo of WHO, there is WHO, a painting of WHO, a blurry photo of WHO,
              a view from above of GROUP_MANY GROUP_DO/ing
            WHO: ADULT_ONE OUT_DO/ing, KID_ONE PLAY_DO/ing, a COAT DOG DOG_DO/ing, a AGED CAR CAR_DO/ing

            STILL: FOOD, VIEW, THING
            FOOD: a BOWL of MEAL with FILLING and VEGETABLES, a DISH with FILLING and VEGETABLES on a COLOUR plate,
              a PLATE of VEGETABLES next to a BEVERAGE, a SWEET and a BEVERAGE on a TABLE,
              a slice of CUT_FOOD on a COLOUR plate, a DISH next to a CUTLERY on a MATERIAL table,
              a bowl of FRUIT/s on a TABLE, a close up of a DISH topped with VEGETABLES,
              COUNT FRUIT/s in a MATERIAL bowl, a birthday cake with FEW COLOUR candles,
              a market stall with FRUIT/s and VEGETABLES, COUNT SWEET/s on a COLOUR PLATE,
              a lunch box with a sandwich and COUNT FRUIT/s
            VIEW: a STYLE kitchen with a COLOUR APPLIANCE and MATERIAL cupboards,
              a STYLE bathroom with a COLOUR WASHING and a MATERIAL floor,
              a STYLE living room with a COLOUR sofa and a FURNITURE,
              a STYLE bedroom with a MATERIAL bed and COUNT pillows, a SIZE BUILDING BACKDROP,
              a quiet street with a BUILDING and COUNT parked CAR/s, a STYLE bathroom with a WASHING next to a window,
              a STYLE office with a desk and COUNT chairs, a dining table set for FEW people with COLOUR plates
            THING: a SIZE clock that shows HOUR MINUTE, a clock on a BUILDING that shows HOUR MINUTE,
              a vase of COLOUR FLOWERS on a TABLE, a AGED COLOUR CAR parked PARKING,
              a COMPUTER next to a GADGET on a TABLE, a SIZE MATERIAL bench STREET,
              a street sign on a tall post BACKDROP, a BIKE parked PARKING, a COLOUR fire hydrant STREET,
              a traffic light that turns LIGHT on a WEATHER day, a stop sign at a crossing BACKDROP,
              a MATERIAL door with the number NUMBER, COUNT suitcases on the floor of a hotel room,
              a shelf with a TOY and COUNT books, a COLOUR kite in a SKY sky, a road sign that says NUMBER miles,
              a SIZE MATERIAL statue of a WILD, COUNT COLOUR umbrellas on a beach, a COLOUR quilt on a MATERIAL bed
            PARKING: in front of a BUILDING, on the side of a road, next to a fence, under a tree, outside a SHOP
            LIGHT: red, green, amber

            LONG_CAPTION: LONG_ADULT KITCHEN_DO/s KITCHEN while LONG_KID HOME_PLAY_DO/s and a COAT CAT sleeps nearby,
              LONG_ADULT STREET_DO/s STREET as LONG_KID NEARBY_DO/s and a PAINTED CAR CAR_DO/s,
              LONG_ADULT BEACH_DO/s BEACH while LONG_KID NEARBY_DO/s and a BIRD BIRD_FLIES/s BACKDROP,
              LONG_ADULT PARK_DO/s PARK while LONG_KID NEARBY_DO/s and DOG_MANY chase a BALL
            LONG_ADULT: a ADULT_LOOK ADULT with HAIR hair in a COLOUR TOP and COLOUR BOTTOMS,
              a ADULT_LOOK ADULT in a COLOUR HAT and a PATTERN TOP
            LONG_KID: a KID_LOOK KID in a COLOUR TOP, a AGE year old SCHOOL_KID in WEAR,
              a KID_LOOK KID with a COLOUR BAG
            NEARBY_DO: ~blow bubbles, ~eat an ice cream, ~point at a BIRD, ~skip over a rope, ~hold a COLOUR balloon,
              ~wave at a friend, ~drink from a bottle of water, ~laugh, ~drop a FRUIT
            BIRD_FLIES: ~fly overhead, ~circle in the air, ~land on a rock, ~glide by
            """;

    private Sentences() {
    }

    static String rules() {
        StringBuilder rules = new StringBuilder(SHAPES);
        for (String kind : KINDS) {
            rules.append(SEEN.replace("KIND", kind));
        }
        return rules.toString();
    }
}
