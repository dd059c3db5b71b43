package org.charlstm.text.generated;

/** The phrases: who or what is seen (ONE, MANY), what it does (DO), and where. */
final class Phrases {
    static final String RULES = """
            WEAR: a COLOUR TOP, a PATTERN TOP, a COLOUR HAT, a COLOUR TOP and COLOUR BOTTOMS,
              a PATTERN TOP and a COLOUR HAT
            ADULT_ONE: a ADULT in WEAR, a ADULT, a ADULT_LOOK ADULT, a ADULT_LOOK ADULT in WEAR, a ADULT with HAIR hair,
              a ADULT with a COLOUR BAG, a man with a BEARD beard, a woman in a COLOUR dress, a ADULT wearing WEAR
            KID_ONE: a KID_LOOK KID, a KID in WEAR, a KID, a KID_LOOK KID in WEAR, a AGE year old SCHOOL_KID,
              a KID with HAIR hair, a girl in a COLOUR dress, a boy wearing WEAR
            PEOPLE: people, ADULT/s, KID/s, friends, ADULT_LOOK ADULT/s, KID_LOOK KID/s
            GROUP_MANY: COUNT PEOPLE, a group of PEOPLE, people, two people in COLOUR TOP/s, a crowd of people,
              a family of four, a team of ADULT_LOOK ADULT/s, men and women, a man and a woman,
              a mother and a KID_LOOK KID

            ADULT_DO: OUT_DO, ~OUT_DO BACKDROP, IN_DO, WORK_DO, ~OUT_DO ASIDE, ~IN_DO INDOORS
            KID_DO: PLAY_DO, OUT_DO, ~PLAY_DO ASIDE, ~OUT_DO BACKDROP, HOME_PLAY_DO, ~HOME_PLAY_DO in a ROOM
            OUT_DO: ~STREET_DO STREET, ~PARK_DO PARK, ~WALK_DO PATH, ~BEACH_DO BEACH, SPORT_DO, ~WATER_DO WATER,
              SNOW_DO
            IN_DO: ~KITCHEN_DO KITCHEN, ~HOME_DO in a ROOM, ~EAT_DO TABLESIDE, HOME_DO, ~HOME_DO in a STYLE ROOM,
              EAT_DO
            STREET_DO: ~talk on a phone, ~wait for a bus, ~hold an umbrella, ~take a photo of a SIGHT, ~carry a LOAD,
              ~play a INSTRUMENT, ~look at a map, ~push a CART, ~eat an ice cream, ~lean against a lamp post, ~stand,
              ~draw a picture with chalk, ~sell FRUIT/s, ~juggle three BALL/s, ~lock a BIKE to a fence
            STREET: on a busy street, outside a SHOP, in front of a BUILDING, on the pavement, on a street corner,
              near a fountain, in the town square, next to a parked CAR, at a crossing, beside a MATERIAL statue
            PARK_DO: ~fly a COLOUR kite, ~throw a frisbee, ~kick a BALL, ~read a book, ~sit on a MATERIAL bench,
              ~play with a COAT DOG, ~eat a SWEET, ~play a INSTRUMENT, ~rest on a blanket, ~hold a COLOUR balloon,
              ~practise yoga, ~brush a DOG, ~pick FLOWERS
            PARK: in the park, in a field, on the grass, near a pond, in a garden, under a tree, on a hill, by a lake,
              beside a hedge, in a meadow full of FLOWERS
            WALK_DO: ~walk, ~ride a BIKE, ~walk a COAT DOG, ~run, ~ride a COAT horse, ~jog, ~stroll, ~lead a pony,
              slowly ~walk, ~ride a skateboard, ~hurry
            PATH: down a street, along a path, through the park, across a bridge, along the beach, up a steep hill,
              past a row of houses, past a SHOP, through a forest, along the river, past a BUILDING, across a field,
              around a lake, over a wooden bridge, through a crowded market, along a country lane
            BEACH_DO: ~walk a DOG, ~carry a COLOUR surfboard, ~build a sandcastle, ~lie on a COLOUR towel,
              ~collect shells, ~fly a COLOUR kite, ~ride a horse, ~look through binoculars, ~sit under an umbrella,
              ~dig a hole, ~throw a frisbee
            BEACH: on the beach, on a sandy beach, by the sea, near the waves, on a rocky shore, on a crowded beach
            WATER_DO: ~paddle a canoe, ~row a COLOUR boat, ~sail a small boat, ~fish from a boat
            WATER: on a lake, on the river, across the bay, near the shore, in a quiet harbour, on calm water
            SNOW_DO: ~ski down a snowy slope, ~snowboard down a hill, ~build a snowman in the garden,
              ~pull a sledge through deep snow, ~jump through the air on COLOUR skis, ~stand on skis in the snow
            SPORT_DO: ~ride a wave on a COLOUR surfboard, ~hit a tennis ball with a racket, ~swing a bat at a baseball,
              ~do a trick on a skateboard, ~kick a football into the net, ~throw a basketball at a hoop,
              ~serve a ball on a tennis court, ~jump over a fence on a horse, ~catch a ball at a baseball game,
              ~surf on a big wave, ~run a race with the number NUMBER
            WORK_DO: ~repair a BIKE in a garage, ~wash a COLOUR CAR in front of a house, ~paint a fence COLOUR,
              ~drive a tractor through a field, ~feed a FARM at a farm, ~water FLOWERS in a garden,
              carefully ~climb a ladder to fix a roof, ~clear snow from a path, ~lead a FARM by a rope, ~mow the lawn,
              ~rake leaves under a tree, ~steer a BOAT WATER, ~unload boxes from a van, ~check tickets on a TRAIN,
              ~chop wood near a cabin
            PLAY_DO: ~chase a COAT DOG PARK, ~climb a tree PARK, ~blow bubbles PARK, ~jump into a swimming pool,
              ~play on a swing in the park, ~splash in a puddle in COLOUR boots, ~feed a FARM at the zoo,
              ~slide down a COLOUR slide, ~hold a teddy bear STREET, ~dig in the sand with a plastic spade,
              ~kick a BALL PARK, happily ~ride a BIKE PATH
            HOME_PLAY_DO: ~play with a TOY, ~draw a picture of a HOUSE_PET, ~hug a HOUSE_PET,
              ~sit on the floor with a TOY, ~eat a FRUIT at the table, ~look out of a window, ~brush a doll,
              ~open a present, ~read a picture book, ~blow out FEW candles on a cake, ~jump on a bed
            HOUSE_PET: CAT, DOG, rabbit, hamster
            FEW: four, 5, six, 7, nine, 3
            KITCHEN_DO: ~cut VEGETABLES, ~cook a meal, ~stir a pot of MEAL, ~wash dishes, ~bake a SWEET, ~make a DISH,
              carefully ~slice a FRUIT, ~pour DRINK into a jug, ~mix flour and eggs, ~open the oven,
              quickly ~chop VEGETABLES
            KITCHEN: in a kitchen, in a STYLE kitchen, in a kitchen with a COLOUR APPLIANCE, in a restaurant kitchen
            HOME_DO: ~work on a laptop, ~sit on a COLOUR SOFA, ~read a newspaper, ~play a video game, ~hold a baby,
              ~pet a COAT CAT, ~watch television, ~sleep on a SOFA, ~play the piano, ~knit a COLOUR scarf,
              ~fold clothes, ~write a letter, ~talk on the phone, ~iron a shirt, quietly ~read a book, ~pack a suitcase
            EAT_DO: ~eat a DISH, ~eat a bowl of MEAL, ~eat a slice of CUT_FOOD, ~enjoy a DISH, ~taste a SWEET,
              ~drink a BEVERAGE
            BEVERAGE: ~glass of DRINK, ~cup of HOT_DRINK, ~mug of HOT_DRINK, ~bottle of DRINK, ~jug of DRINK
            CUT_FOOD: cake, pizza, apple pie, bread, melon
            TABLESIDE: at a table, in a restaurant, at a MATERIAL table, in a cafe, at a table by the window
            GROUP_DO: TEAM_DO, ~TEAM_DO BACKDROP, ~WALK_MANY_DO PATH, ~TEAM_DO ASIDE, TEAM_IN_DO
            WALK_MANY_DO: ~walk, ~ride bikes, ~ride horses, ~run, ~jog, ~stroll, ~walk COUNT DOG/s, ~march
            TEAM_DO: ~play football PARK, ~sit on a bench STREET, ~stand STREET, ~fly kites PARK, ~play frisbee PARK,
              ~wait for a train at a station, ~walk BEACH, ~ski down a mountain, ~cross a busy street,
              ~row a boat WATER, ~have a picnic PARK, ~play volleyball BEACH, ~watch a TRAIN pass by,
              ~play baseball in a stadium, ~ride elephants through the jungle, ~pose for a photo in front of a BUILDING,
              ~queue outside a SHOP, ~swim in a lake, ~board a bus numbered NUMBER, ~carry surfboards BEACH,
              ~dance in the street, ~shop at a market
            TEAM_IN_DO: ~sit around a table in a ROOM, ~share a DISH TABLESIDE, ~play a video game in a ROOM,
              ~sit at a table with BEVERAGE/s, ~look at a laptop, ~prepare MEAL KITCHEN, ~play cards TABLESIDE,
              ~watch a film in a dark ROOM, ~sing around a piano, ~cut a wedding cake, ~study in a library

            BACKDROP: on a WEATHER day, with SCENERY in the background, at sunset, in the rain, under a SKY sky,
              on a WEATHER afternoon, with SCENERY in the distance, in the early morning, before sunrise
            SCENERY: mountains, trees, tall buildings, snowy hills, palm trees, a church, a lighthouse, a bridge,
              the sea, a castle, dark clouds, a windmill, a red barn, a ferris wheel, a rainbow
            INDOORS: while a CAT sleeps nearby, while rain falls outside, as a KID looks on, while the radio plays
            ASIDE: while a DOG rests nearby, as others walk past, while a KID waits nearby, while COUNT friends look on,
              as a DOG runs past, while birds fly overhead, as a BIRD flies by, as the sun goes down

            DOG_ONE: a COAT DOG, a DOG, a DOG with a COLOUR collar, a small COAT DOG
            DOG_MANY: COUNT DOG/s, COUNT COAT DOG/s
            DOG_DO: ~run PARK, ~catch a frisbee PARK, ~chase a BALL PARK, ~play in the snow, ~sleep on a COLOUR SOFA,
              ~carry a stick PARK, ~splash in the waves, ~lie PARK, ~jump over a log PARK, ~sit in a COLOUR car,
              ~look out of a window, ~herd sheep across a field, ~dig a hole PARK, ~bark at a BIRD, ~swim WATER
            CAT_ONE: a COAT CAT, a large COAT CAT, a CAT, a sleepy CAT, a CAT with green eyes
            CAT_MANY: COUNT CAT/s, COUNT COAT CAT/s
            CAT_DO: ~sleep on a COLOUR SOFA, ~sit next to a COMPUTER on a TABLE, ~look out of a window,
              ~lie on a COLOUR SOFA, ~play with a TOY, ~sit on top of a fridge, ~hide under a TABLE,
              ~watch a BIRD through the window, ~stretch out on a warm radiator, ~drink from a bowl of milk,
              ~stare at a goldfish, ~nap in a cardboard box
            FARM_ONE: a COAT FARM, a large COAT FARM, a FARM, a FARM with a rope around the neck
            FARM_MANY: COUNT COAT FARM/s, COUNT FARM/s, a herd of COAT FARM/s
            FARM_DO: ~graze FARM_PLACE, ~stand FARM_PLACE, ~eat grass FARM_PLACE, ~walk PATH, ~eat hay from a trough,
              ~run through a field, ~rest FARM_PLACE, ~drink from a stream, ~look over a hedge
            FARM_PLACE: in a green field, behind a wooden fence, near a barn, on a hillside, in a dry field,
              by the road, in a meadow, next to a BUILDING, under an oak tree
            WILD_ONE: a WILD, a BEAST WILD, a WILD with a young one
            WILD_MANY: COUNT WILD/s, COUNT young WILD/s, COUNT BEAST WILD/s
            WILD_DO: ~walk through tall grass, ~drink at a waterhole, ~stand WILD_PLACE, ~rest WILD_PLACE,
              ~cross a dirt road, ~walk WILD_PLACE, ~wade through a muddy river, ~sleep WILD_PLACE,
              ~look into the camera
            WILD_PLACE: in the shade of a tree, on a dry plain, in a zoo, near a SIZE rock, next to a fence,
              among bushes, behind COUNT trees, at the edge of a forest
            BIRD_ONE: a FEATHERS BIRD, a BIRD, a BIRD with COLOUR wings
            BIRD_MANY: COUNT BIRD/s, a flock of BIRD/s, COUNT FEATHERS BIRD/s
            BIRD_DO: ~sit on PERCH, ~fly over SCENERY, ~perch on PERCH, ~stand on PERCH, ~land on PERCH,
              ~look for food PARK, ~call from PERCH, ~glide over the water BACKDROP, ~drink from a puddle
            PERCH: a branch, a fence, the roof of a BUILDING, a wire, a post, a MATERIAL railing,
              the edge of a fountain, a chimney, a rock by the sea, a telephone pole, a MATERIAL bench

            CAR_ONE: a PAINTED CAR, a AGED CAR, a COLOUR bus numbered NUMBER, a AGED COLOUR CAR, a CAR
            CAR_MANY: COUNT CAR/s, COUNT PAINTED CAR/s, a row of AGED CAR/s
            CAR_DO: ~drive down a street, ~stop at a traffic light, ~drive past a BUILDING, ~turn a corner near a SHOP,
              ~wait in heavy traffic, ~cross a bridge, ~drive along a ROAD road, ~park outside a SHOP,
              ~drive through a tunnel, ~pass a sign with the number NUMBER
            ROAD: wet, narrow, busy, mountain, dusty, country, snowy
            TRAIN_ONE: a COLOUR TRAIN, a AGED TRAIN, a PAINTED TRAIN, a TRAIN with the number NUMBER on the front
            TRAIN_MANY: COUNT TRAIN/s, COUNT COLOUR TRAIN/s
            TRAIN_DO: ~pull into a station, ~cross a stone bridge, ~leave a tunnel, ~wait at platform NUMBER,
              ~move through LAND, ~stop next to a platform, ~pass a BUILDING
            LAND: the countryside, a snowy valley, a forest, a desert, the city
            PLANE_ONE: a PLANE, a COLOUR PLANE, a SIZE PLANE, a AGED PLANE
            PLANE_MANY: COUNT PLANE/s, COUNT COLOUR PLANE/s
            PLANE_DO: ~fly over SCENERY, ~fly through a SKY sky, ~land on a runway, ~wait at gate NUMBER of an airport,
              ~take off BACKDROP, ~leave a trail of smoke in the sky, ~fly low over a BUILDING
            BOAT_ONE: a COLOUR BOAT, a BOAT, a SIZE BOAT, a sailing boat with COLOUR sails
            BOAT_MANY: COUNT BOAT/s, COUNT COLOUR BOAT/s
            BOAT_DO: ~float WATER, ~glide COURSE, ~wait at the end of a pier, ~drift WATER, ~pass under a bridge,
              ~lie at anchor in the harbour
            COURSE: across the bay, down the river, past SCENERY, into the harbour, across the ocean
            """;

    private Phrases() {
    }
}
